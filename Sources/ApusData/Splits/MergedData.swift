import ApusCore

/// Several labelled data sets as one, with common classes.
///
///     let merged = try MergedData(
///         [cityPhotos, webPhotos], labels: ["automobile": "car", "kitty": "cat", "unknown": nil])
///     merged.data.classNames                         // ["car", "cat", ...]
///     merged.origins[0]                              // the name of the set that the first sample is from
public struct MergedData: Sendable {
    /// All samples, set by set, with the common classes.
    public let data: Dataset
    /// The name of the set that each sample is from.
    public let origins: [String]

    /// - Parameters:
    ///   - sets: with class names, and inputs of one shape and type
    ///   - labels: what classes are called in common; those that are not named keep their name, and samples of classes
    ///     with nil are left out
    public init(_ sets: [Dataset], labels: [String: String?] = [:], name: String = "merged") throws(ApusError) {
        let place = "data set \(name)"
        guard let first = sets.first else {
            throw ApusError(.data, in: place, "none was given", remedy: "give one data set or more")
        }
        func common(_ name: String) -> String? { labels[name] ?? name }
        var names: [String] = [], inputs: [Tensor] = [], targets: [Int32] = [], origins: [String] = [],
            weights: [Float] = []
        for set in sets {
            guard set.classCount == set.classNames.count, set.inputShape == first.inputShape,
                set.inputs.stored == first.inputs.stored, set.inputs.scale == first.inputs.scale
            else {
                throw ApusError(
                    .data, in: place,
                    "\(set.name) has inputs of \(set.inputShape) (\(set.inputs.stored)) and \(set.classNames.count) class "
                        + "names, \(first.name) has \(first.inputShape) (\(first.inputs.stored))",
                    remedy: "bring all to one shape, type and scale, and name the classes")
            }
            for name in set.classNames.compactMap(common) where !names.contains(name) { names.append(name) }
            var kept: [Int] = []
            for (index, label) in set.labels.enumerated() {
                guard let name = common(set.classNames[label]), let number = names.firstIndex(of: name) else {
                    continue
                }
                kept.append(index)
                targets.append(Int32(number))
                origins.append(set.name)
                weights.append(Float(set.weight(at: index)))
            }
            inputs += kept.isEmpty ? [] : [try set.select(kept).inputs.rows]
        }
        guard !inputs.isEmpty else {
            throw ApusError(.data, in: place, "no samples are left", remedy: "keep some classes")
        }
        data = try Dataset(
            inputs: Tensor.concatenate(inputs, axis: 0), targets: Tensor(targets, shape: [targets.count]),
            weights: sets.contains { $0.weights != nil } ? Tensor(weights, shape: [weights.count]) : nil, name: name,
            classNames: names, scale: Double(first.inputs.scale))
        self.origins = origins
    }
}

extension Dataset.Field {
    /// All rows as they are stored.
    fileprivate var rows: Tensor {
        let count = storage.byteCount / max(1, sampleShape.count * stored.size)
        return Tensor(storage: storage, shape: Shape([count] + sampleShape.extents), dtype: stored)
    }
}
