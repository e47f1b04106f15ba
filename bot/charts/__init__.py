"""Charts as pictures: what they show (`bar_chart`), and drawing them with Pillow (`drawing`)."""
