"""One repository a family of records. They read at once and note what is to be written."""
