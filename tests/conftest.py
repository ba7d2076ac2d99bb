"""Its being here puts this folder on the path, so that tests can share modules such as ``scenarios_tiny``."""
