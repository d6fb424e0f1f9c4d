"""The main job: its steps, how they run, and how an interrupted run goes on."""
