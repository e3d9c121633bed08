"""``hearth load FOLDER``: a consortium from CSV files, through the public API, or not at all.

Every row of every file is checked first and every bad one named by file, line and column. Only then are the rows sent, as the
organisation each belongs to. Nothing here knows the example: the codes and columns are the files', the rules the services'.
"""
