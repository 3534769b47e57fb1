import ApusCore
import ApusNN

/// Learns to draw new samples like those that it has seen (Kingma and Welling, ICLR 2014): `[batch, inputs] -> [batch,
/// inputs]`, logits of inputs between 0 and 1.
///
///     let model = VariationalAutoencoder(784)            // 652,824 parameters
///     let trainer = Trainer(model, loss: VariationalAutoencoder.reconstruction, optimizer: .adam())
///     try trainer.step(inputs: images, targets: images)
///     let drawn = model.decode(Tensor.randomNormal([16, 20], seed: 1)).sigmoid()
///
/// An input becomes the mean and the logarithm of the variance of a normal distribution; while training the code is drawn
/// from it (else it is the mean), and the distribution's divergence from the standard normal one is added to the loss, as a
/// mean over the batch.
public final class VariationalAutoencoder: Layer {
    /// The width of a sample.
    public let inputs: Int
    /// The width of the code.
    public let latent: Int
    let hidden: Dense
    let mean: Dense
    let logVariance: Dense
    let decoderHidden: Dense
    let output: Dense

    /// - Parameter hidden: the width between samples and codes
    public init(_ inputs: Int, hidden: Int = 400, latent: Int = 20) {
        self.inputs = inputs
        self.latent = latent
        self.hidden = Dense(hidden, activation: .relu)
        mean = Dense(latent)
        logVariance = Dense(latent)
        decoderHidden = Dense(hidden, activation: .relu)
        output = Dense(inputs)
    }

    public var details: String { "\(inputs) inputs, codes of \(latent)" }

    /// The distribution of the code: `[batch, inputs] -> ([batch, latent], [batch, latent])`.
    public func encode(_ x: Tensor) -> (mean: Tensor, logVariance: Tensor) {
        let h = hidden(x)
        return (mean(h), logVariance(h))
    }

    /// The logits for codes: `[batch, latent] -> [batch, inputs]`.
    public func decode(_ code: Tensor) -> Tensor { output(decoderHidden(code)) }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor { try logits(x, noise: nil) }

    /// The same with the standard normal numbers given, `[batch, latent]`, from which the code is made.
    public func callAsFunction(_ x: Tensor, noise: Tensor) -> Tensor {
        if let error = x.error ?? noise.error { return Tensor(error: error) }
        return observed { () throws(ApusError) in try logits(x, noise: noise) }
    }

    private func logits(_ x: Tensor, noise: Tensor?) throws(ApusError) -> Tensor {
        guard x.rank == 2, x.shape[1] == inputs else {
            throw ApusError(
                .shape, in: "layer VariationalAutoencoder", "an input of shape \(x.shape)",
                remedy: "feed [batch, \(inputs)]")
        }
        let (mean, logVariance) = encode(x)
        if let pass = ForwardPass.current, pass.mode == .training {
            let divergence = (mean.square() + logVariance.exp() - logVariance - 1).sum() * 0.5
            pass.penalties.append(divergence / Double(Swift.max(x.shape[0], 1)))
        }
        let drawn =
            noise
            ?? ForwardPass.current.flatMap { $0.mode == .training ? $0 : nil }?.random(.normal, mean.shape, mean.dtype)
        return decode(drawn.map { mean + (logVariance * 0.5).exp() * $0 } ?? mean)
    }

    /// Binary cross-entropy of the logits, summed over each sample's inputs.
    public static let reconstruction = Loss("reconstruction") { output, target in
        binaryCrossEntropy(logits: output, target).sum(axes: [-1])
    }
}
