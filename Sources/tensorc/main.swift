print("tensorc")
