import ApusCore

extension Sequential {
    /// The same network without the units whose ``HardConcreteGates`` have closed: a smaller one with the same outputs.
    ///
    /// Units are those of the ``Dense`` layer before the gates, with layers of single elements (activations, dropout)
    /// between; what is left of the gates is multiplied into the weights of the ``Dense`` layer that comes next. At least one
    /// unit stays. Layers that do not change are shared with this network.
    ///
    /// - Throws: an `ApusError` if there are no gates, or these have other layers around them
    public func pruned() throws(ApusError) -> Sequential {
        guard layers.contains(where: { $0 is HardConcreteGates }) else {
            throw ApusError(
                .value, in: "pruned", "the network has no HardConcreteGates among its layers",
                remedy: "train it with HardConcreteGates between its Dense layers")
        }
        var kept: [(name: String, layer: any Module)] = Array(zip(names, layers))
        while let place = kept.firstIndex(where: { $0.layer is HardConcreteGates }) {
            guard let gates = kept[place].layer as? HardConcreteGates,
                let before = Self.dense(in: kept, from: place, by: -1),
                let after = Self.dense(in: kept, from: place, by: 1),
                kept[(place + 1)..<after.place].allSatisfy({ $0.layer is Dropout })
            else {
                throw ApusError(
                    .unsupported, in: "pruned", "\(kept[place].name) does not stand between two Dense layers",
                    remedy: "put HardConcreteGates behind a Dense layer and its activation, in front of the next Dense")
            }
            let values = try gates.values()
            var open = values.indices.filter { values[$0] > 0 }
            if open.isEmpty { open = [0] }
            let indices = Tensor(open.map { Int64($0) }, shape: [open.count])
            let factors = Tensor(open.map { values[$0] }, shape: [open.count, 1]).cast(to: after.layer.weight.dtype)
            let smaller = try Dense(
                before.layer, units: open.count, weight: before.layer.weight.value.gather(indices: indices, axis: 1),
                bias: before.layer.bias?.value.gather(indices: indices))
            let next = try Dense(
                after.layer, units: after.layer.units,
                weight: after.layer.weight.value.gather(indices: indices) * factors, bias: after.layer.bias?.value)
            kept[before.place].layer = smaller
            kept[after.place].layer = next
            kept.remove(at: place)
        }
        return Sequential(elements: kept.map { SequentialElement($0.layer, name: $0.name) })
    }

    /// The dense layer next to a place, past layers of single elements.
    private static func dense(
        in layers: [(name: String, layer: any Module)], from place: Int, by step: Int
    ) -> (place: Int, layer: Dense)? {
        var place = place + step
        while layers.indices.contains(place) {
            if let layer = layers[place].layer as? Dense {
                return layer.activation.name == "softmax" ? nil : (place, layer)
            }
            guard isElementwise(layers[place].layer) else { return nil }
            place += step
        }
        return nil
    }

    private static func isElementwise(_ layer: any Module) -> Bool {
        if let layer = layer as? Activation { return (try? layer.function.properties()) != nil }
        return layer is ReLU || layer is LeakyReLU || layer is ELU || layer is Dropout || layer is GaussianNoise
    }
}

extension Dense {
    /// A layer like another with values of its own.
    fileprivate convenience init(_ layer: Dense, units: Int, weight: Tensor, bias: Tensor?) throws(ApusError) {
        self.init(units, activation: layer.activation, bias: bias != nil)
        self.weight.value = try weight.evaluated()
        self.weight.regularizer = layer.weight.regularizer
        self.weight.constraint = layer.weight.constraint
        if let bias { self.bias?.value = try bias.evaluated() }
    }
}
