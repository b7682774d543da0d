"""What is kept on disk of a network, read again without trusting it.

model_file  what `NeuralNetwork.save` writes and `NeuralNetwork.load` trusts
"""
