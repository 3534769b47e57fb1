import ApusCore
import ApusNN

extension Sequential {
    /// A linear classifier: one dense layer on all inputs.
    public static func linear(classes: Int = 10) -> Sequential {
        Sequential {
            Flatten()
            Dense(classes)
        }
    }

    /// Two hidden layers of 512 units: 669,706 parameters on 28x28 images with 10 classes.
    public static func mlp(classes: Int = 10) -> Sequential {
        Sequential {
            Flatten()
            Dense(512, activation: .relu)
            Dense(512, activation: .relu)
            Dense(classes)
        }
    }

    /// Two convolutions, pooling and a dense layer with dropout: 1,199,882 parameters on 28x28x1 images with 10 classes.
    public static func cnn(classes: Int = 10) -> Sequential {
        Sequential {
            Conv2D(32, kernel: 3, activation: .relu)
            Conv2D(64, kernel: 3, activation: .relu)
            MaxPool2D(2)
            Flatten()
            Dense(128, activation: .relu)
            Dropout(0.5)
            Dense(classes)
        }
    }

    /// LeNet-5 with ReLU and max pooling: 61,706 parameters on 28x28x1 images with 10 classes (LeCun et al., Proc. IEEE
    /// 1998).
    public static func leNet5(classes: Int = 10) -> Sequential {
        Sequential {
            Conv2D(6, kernel: 5, padding: .same, activation: .relu)
            MaxPool2D(2)
            Conv2D(16, kernel: 5, activation: .relu)
            MaxPool2D(2)
            Flatten()
            Dense(120, activation: .relu)
            Dense(84, activation: .relu)
            Dense(classes)
        }
    }
}
