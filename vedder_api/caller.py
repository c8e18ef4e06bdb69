"""Who asks: one caller for everybody, as long as there are no logins and the API listens on loopback alone.

The command line is the same caller, so that a conversation goes on from one surface to the other.
"""

CALLER = "local"
