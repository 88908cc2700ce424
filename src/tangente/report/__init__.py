"""An Analysis as one self-contained HTML page and as files, in German or English."""
