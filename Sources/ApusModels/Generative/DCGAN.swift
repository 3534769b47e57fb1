import ApusCore
import ApusNN

extension Sequential {
    /// The generator of a DCGAN for 28x28 images: `[batch, latent] -> [batch, 28, 28, channels]` between -1 and 1, 759,681
    /// parameters (Radford et al., ICLR 2016). ``CustomTraining`` shows how it is trained against ``dcganDiscriminator()``.
    public static func dcganGenerator(channels: Int = 1) -> Sequential {
        let padding = Padding.explicit([(1, 1), (1, 1)])
        let initializer = Initializer.normal(deviation: 0.02)
        return Sequential {
            Dense(6272, bias: false, initializer: initializer)
            Reshape([7, 7, 128])
            BatchNorm()
            Activation(.relu)
            TransposedConv2D(64, kernel: 4, stride: 2, padding: padding, bias: false, initializer: initializer)
            BatchNorm()
            Activation(.relu)
            TransposedConv2D(
                channels, kernel: 4, stride: 2, padding: padding, activation: .tanh, initializer: initializer)
        }
    }

    /// The discriminator of a DCGAN for 28x28 images: `[batch, 28, 28, channels] -> [batch, 1]`, the logit of an image being
    /// a real one; 138,689 parameters with one channel (Radford et al., ICLR 2016).
    public static func dcganDiscriminator() -> Sequential {
        let padding = Padding.explicit([(1, 1), (1, 1)])
        let initializer = Initializer.normal(deviation: 0.02)
        return Sequential {
            Conv2D(64, kernel: 4, stride: 2, padding: padding, initializer: initializer)
            LeakyReLU(0.2)
            Conv2D(128, kernel: 4, stride: 2, padding: padding, bias: false, initializer: initializer)
            BatchNorm()
            LeakyReLU(0.2)
            Flatten()
            Dense(1, initializer: initializer)
        }
    }
}
