"""What keeps cameras, pipeline and log in step with a configuration."""
