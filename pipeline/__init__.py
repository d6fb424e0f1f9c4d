"""The top floor: the command line, the main job, ingest, the dbt runner, publishing and rollback."""
