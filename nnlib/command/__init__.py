"""What `pip install 'nnlib[lab]'` needs instead of a checkout: the course by a command.

main        the command line: nnlib start, update, doctor, collect, recipes
lessons     lay the lessons into a folder, and bring newer ones beside changed ones
jupyterlab  JupyterLab as the course opens it
doctor      is everything here that the course needs?
"""
