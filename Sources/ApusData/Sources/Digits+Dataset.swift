import ApusCore

extension Digits.Part: BatchSource {
    /// The images as a data set with labels.
    public var dataset: Dataset {
        get throws(ApusError) {
            try Dataset(
                inputs: Tensor(try imageArray()), targets: Tensor(labels, shape: [count]), name: "digits",
                classNames: (0...9).map(String.init))
        }
    }

    public var batchPlan: BatchPlan { get throws(ApusError) { try dataset.batchPlan } }

    /// The images in an order that is drawn anew for each epoch.
    public func shuffled(seed: UInt64) throws(ApusError) -> Dataset { try dataset.shuffled(seed: seed) }

    /// Batches of so many images.
    public func batched(_ size: Int) throws(ApusError) -> Batches { try dataset.batched(size) }
}
