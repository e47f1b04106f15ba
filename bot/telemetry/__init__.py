"""What a running bot reports to its operator: health, metrics, and a status page."""
