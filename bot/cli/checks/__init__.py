"""What `storywire check` finds out."""
