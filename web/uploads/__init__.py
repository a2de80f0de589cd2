"""What people hand in through the browser: staged file by file in a folder per upload, then taken in as a batch, all or none.

staging.py   the folders: pieces of files arrive, are looked at, wait, and go.
looks.py     what is wrong with a file, as far as can be told without parsing it.
taking_in.py the process that opens archives and records the batch; started by ``start`` when the upload is complete.
"""
