"""Its being here puts this folder on the path, so that tests can share modules such as ``scenarios_tiny``."""

from hypothesis import HealthCheck, settings

# How fast examples are made says how busy the machine is, and nothing of what they show.
settings.register_profile("steady", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")
