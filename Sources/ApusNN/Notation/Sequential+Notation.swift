import ApusCore

extension Sequential {
    /// A network in the compact notation, such as `C16 B R P L10`.
    ///
    /// Layers stand with spaces, commas or dashes between; short forms may do without, `C16BRPL10`:
    ///
    /// | token | layer |
    /// | --- | --- |
    /// | `C16`, `C16k5s2` | convolution with 16 maps; kernel 3x3 and stride 1 unless given; keeps the size |
    /// | `B` | batch norm |
    /// | `R`, `T`, `S`, `gelu` | ReLU, tanh, sigmoid, and any activation by its name |
    /// | `P`, `P3` | max pooling 2x2, 3x3 |
    /// | `A`, `A3` | average pooling |
    /// | `GAP`, `G` | global average pooling |
    /// | `D0.5` | dropout |
    /// | `F` | flatten; put in by itself before the first `L` that needs it, outside of brackets |
    /// | `L10` | linear (dense) with 10 units |
    ///
    /// Every other layer that stands in a line is written as in Swift, with what may be left out left out:
    /// `Conv2D(16, kernel: [3, 5], padding: same, activation: relu)`, `LayerNorm`, `Dense(10, initializer: heNormal)`,
    /// `SpectralNorm(Dense(10))`.
    ///
    /// | brackets | meaning |
    /// | --- | --- |
    /// | `(C16 B R)x3` | the layers three times |
    /// | `[C16 R C16]`, `[C32s2 B \| C32k1s2](activation: relu)` | ``Residual``, with a shortcut of its own |
    /// | `{C12}` | ``Concatenating``: the input's channels and the layers' |
    /// | `{C8k1 \| C8 C8 \| P3}` | ``Branches``: chains side by side, their channels stacked |
    /// | `Sequential(C16 R)` | a network within the network |
    /// | `head=L10` | a layer under a name of its own |
    ///
    /// ``notation()`` is the way back.
    ///
    /// - Throws: an `ApusError` that names the column, and what was probably meant
    public convenience init(notation: String) throws(ApusError) {
        let elements = try NotationReader.elements(notation)
        guard NotationBuilder.count(elements) <= NotationBuilder.maximumLayers else {
            throw ApusError(
                .value, in: NotationReader.place, "it has more than \(NotationBuilder.maximumLayers) layers",
                remedy: "repeat less")
        }
        self.init(elements: NotationBuilder.layers(elements, flattens: true))
    }

    /// This network in the compact notation: reading it gives the same layers under the same names.
    ///
    ///     try Sequential { Conv2D(16, kernel: 3, padding: .same); Activation(.relu); Flatten(); Dense(10) }.notation()
    ///     // C16 R L10
    ///
    /// The numbers of parameters are not part of it, nor is what is frozen.
    ///
    /// - Throws: an `ApusError` that names the layer for layers, functions, regularizers and constraints of the caller's
    ///   own, which no text can express
    public func notation() throws(ApusError) -> String {
        try NotationWriter().sequence(self, path: "", flattens: true)
    }

    /// The classes that have a notation, beside the skip connections.
    package static var notationTypes: [any Module.Type] { NotationTable.layers.map(\.type) }
}

extension Initializer {
    /// An initializer by the name that listings show, such as `heNormal` or `normal(0.02)`.
    init?(notation value: NotationValue) {
        let (name, arguments): (String, [NotationValue])
        switch value {
        case .word(let word): (name, arguments) = (word, [])
        case .call(let word, let values): (name, arguments) = (word, values)
        default: return nil
        }
        let numbers = arguments.compactMap(\.number)
        let words = arguments.compactMap(\.word)
        guard numbers.count + words.count == arguments.count else { return nil }
        if name == "varianceScaling", numbers.count == 1, words.count == 2, let fan = Fan(rawValue: words[0]),
            let distribution = Distribution(rawValue: words[1])
        {
            self = .varianceScaling(scale: numbers[0], fan, distribution)
            return
        }
        guard words.isEmpty else { return nil }
        let plain: [String: Initializer] = [
            "zeros": .zeros, "ones": .ones, "glorotUniform": .glorotUniform, "glorotNormal": .glorotNormal,
            "heUniform": .heUniform, "heNormal": .heNormal, "lecunUniform": .lecunUniform,
            "lecunNormal": .lecunNormal, "orthogonal": .orthogonal(), "identity": .identity(), "dirac": .dirac(),
        ]
        switch (name, numbers.count) {
        case (_, 0):
            guard let found = plain[name] else { return nil }
            self = found
        case ("constant", 1): self = .constant(numbers[0])
        case ("uniform", 1): self = .uniform(limit: numbers[0])
        case ("uniform", 2): self = .uniform(low: numbers[0], high: numbers[1])
        case ("normal", 1): self = .normal(deviation: numbers[0])
        case ("normal", 2): self = .normal(mean: numbers[0], deviation: numbers[1])
        case ("truncatedNormal", 1): self = .truncatedNormal(deviation: numbers[0])
        case ("truncatedNormal", 3):
            self = .truncatedNormal(mean: numbers[0], deviation: numbers[1], limit: numbers[2])
        case ("orthogonal", 1): self = .orthogonal(gain: numbers[0])
        case ("identity", 1): self = .identity(gain: numbers[0])
        case ("dirac", 1):
            guard let groups = Int(exactly: numbers[0]) else { return nil }
            self = .dirac(groups: groups)
        case ("sparse", 2): self = .sparse(numbers[0], deviation: numbers[1])
        default: return nil
        }
    }
}
