"""The desk's records and values: plain frozen data, the same on every platform and in every database."""
