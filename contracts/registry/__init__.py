"""Who and where: divisions, organisations, sites, people in office."""
