import ApusCore
import ApusNN

extension Sequential {
    /// Three convolutions over volumes, each with batch norm, ReLU and pooling: `[batch, depth, height, width, channels] ->
    /// [batch, classes]`, 69,906 parameters on one channel with two classes.
    public static func cnn3D(classes: Int = 2, widths: [Int] = [16, 32, 64]) -> Sequential {
        Sequential {
            for maps in widths {
                Conv3D(maps, kernel: 3, padding: .same, bias: false, initializer: .heNormal)
                BatchNorm()
                Activation(.relu)
                MaxPool3D(2)
            }
            GlobalAveragePool3D()
            Dense(classes)
        }
    }
}
