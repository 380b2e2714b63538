"""A version becomes an adapter. (Nothing here yet: this version of the software builds data.)"""
