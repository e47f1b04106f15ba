"""Stories and lists as what Discord shows: values only, nothing is sent here."""
