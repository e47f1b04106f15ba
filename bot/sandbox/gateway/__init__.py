"""The gateway: sessions, connections and the numbers of its protocol."""
