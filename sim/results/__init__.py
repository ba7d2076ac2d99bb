"""What a run gives: tables, the folder they are kept in, the summary, and why a faction chose so."""
