import ApusCore

/// A stream of elements on their way from a source to batches: a value that says what is to be done, and does it
/// whenever it is read.
///
///     let batches = Pipeline(files)
///         .shuffle(seed: 7)
///         .map("decode") { file in Sample(input: try Image(path: file.path), target: file.label) }
///         .map("crop", seed: 3) { sample, random in ... }
///         .batch(32)
///         .prefetch()
///     print(try batches.describe())
///     try trainer.fit(batches, epochs: 3)
///
/// Functions run on several threads, and the elements come in order, with the same bits on any number of them. Random
/// stages draw anew in each epoch, from their seeds. Elements are computed when they are read and as often as they are
/// read, unless a ``cache(_:)`` keeps them.
public struct Pipeline<Element: Sendable>: Sendable {
    /// What this pipeline consists of; its inputs are the stages before.
    public let stage: PipelineStage
    /// The number of elements of an epoch, where that is known before they are read.
    public let count: Int?
    /// How many threads compute elements; nil for as many as the kernels use.
    public private(set) var workers: Int?

    /// Begins a pass over the elements.
    package let open: @Sendable (PipelineRun) throws(ApusError) -> Cursor<Element>
    /// The elements by number, where the stage can give them so.
    package let access: (@Sendable (PipelineRun) throws(ApusError) -> Access<Element>)?
    /// How each stage's elements look.
    package let observers: [StageObserver]

    /// A stage whose elements come in order only.
    package init(
        _ stage: PipelineStage, count: Int? = nil, workers: Int? = nil, observers: [StageObserver], observed: Int = 64,
        open: @escaping @Sendable (PipelineRun) throws(ApusError) -> Cursor<Element>
    ) {
        self.stage = stage
        self.count = count
        self.workers = workers
        self.open = open
        access = nil
        self.observers =
            observers + [
                StageObserver(stage: stage, observed: observed) { (run, limit) throws(ApusError) in
                    try open(run).next(limit)
                }
            ]
    }

    /// A stage whose elements can be asked for by number.
    package init(
        _ stage: PipelineStage, count: Int?, workers: Int? = nil, observers: [StageObserver], observed: Int = 64,
        access: @escaping @Sendable (PipelineRun) throws(ApusError) -> Access<Element>
    ) {
        self.stage = stage
        self.count = count
        self.workers = workers
        self.access = access
        open = { run throws(ApusError) in AccessCursor(try access(run)) }
        self.observers =
            observers + [
                StageObserver(stage: stage, observed: observed) { (run, limit) throws(ApusError) in
                    let access = try access(run)
                    return try access.elements(Array(0..<min(limit, access.count)))
                }
            ]
    }

    /// A pipeline that ends in an error when it is read.
    package init(_ stage: PipelineStage, error: ApusError) {
        self.init(stage, observers: []) { (_) throws(ApusError) in throw error }
    }

    /// The elements of an array.
    ///
    /// - Parameter name: for descriptions
    public init(_ elements: [Element], name: String = "array") {
        let stage = PipelineStage(
            .source, label: name, settings: ["\(elements.count) elements"], element: Element.self)
        self.init(stage, count: elements.count, observers: []) { (_) throws(ApusError) in
            Access(count: elements.count) { (indices) throws(ApusError) in indices.map { elements[$0] } }
        }
    }

    /// Elements that a function computes from their number, in any order and on several threads.
    public init(count: Int, name: String = "function", _ element: @escaping @Sendable (Int) throws -> Element) {
        let stage = PipelineStage(
            .source, label: name, settings: ["\(count) elements"], element: Element.self)
        guard count >= 0 else {
            self.init(
                stage,
                error: ApusError(.value, in: "pipeline source", "\(count) elements", remedy: "use a count of 0 or more")
            )
            return
        }
        self.init(stage, count: count, observers: []) { run throws(ApusError) in
            Access(count: count) { (indices) throws(ApusError) in
                try run.team.map(indices.count) { (position) throws(ApusError) in
                    try onElement(indices[position], of: stage) { try element(indices[position]) }
                }
            }
        }
    }

    /// Elements that a generator makes one after the other, until it returns nil.
    ///
    /// - Parameters:
    ///   - signature: what each element must look like; an element that differs ends in an error with its number
    ///   - make: called at the beginning of each epoch with its number; returns the function that makes elements
    public init(
        generating name: String = "generator", signature: ElementSignature? = nil,
        _ make: @escaping @Sendable (_ epoch: Int) throws -> (() throws -> Element?)
    ) {
        let stage = PipelineStage(
            .source, label: name, settings: signature.map { ["\($0)"] } ?? [], element: Element.self)
        self.init(stage, observers: []) { run throws(ApusError) in
            let next = try onElement(0, of: stage) { try make(run.epoch) }
            var index = 0
            return ClosureCursor { (count) throws(ApusError) in
                var result: [Element] = []
                while result.count < count {
                    guard let element = try onElement(index, of: stage, { try next() }) else { break }
                    try signature?.check(element, index: index, of: stage)
                    result.append(element)
                    index += 1
                }
                return result
            }
        }
    }

    /// The same pipeline computed by so many threads; the elements do not depend on it.
    public func workers(_ count: Int) -> Pipeline<Element> {
        var result = self
        result.workers = min(max(count, 1), 256)
        return result
    }

    /// Changes the pipeline as a whole, so that recipes can be named and reused.
    ///
    ///     let ready = files.apply(decodeAndCrop).batch(32)
    public func apply<Result>(
        _ recipe: (Pipeline<Element>) throws -> Pipeline<Result>
    ) rethrows -> Pipeline<Result> { try recipe(self) }

    /// A stage that reads this one.
    func next(
        _ kind: PipelineStage.Kind, label: String = "", _ settings: [String] = [], isRandom: Bool = false,
        element: Any.Type = Element.self
    ) -> PipelineStage {
        PipelineStage(
            kind, label: label, settings: settings, isRandom: isRandom, element: element, inputs: [stage])
    }

    /// A stage of the same elements in another order or number.
    func rearranged(
        _ stage: PipelineStage, count newCount: Int?,
        _ index: @escaping @Sendable (PipelineRun, Int) -> (count: Int, index: @Sendable (Int) -> Int),
        sequentially open: @escaping @Sendable (PipelineRun) throws(ApusError) -> Cursor<Element>
    ) -> Pipeline<Element> {
        guard let access else {
            return Pipeline(stage, count: newCount, workers: workers, observers: observers, open: open)
        }
        return Pipeline(stage, count: newCount, workers: workers, observers: observers) { run throws(ApusError) in
            let source = try access(run)
            let (count, index) = index(run, source.count)
            return source.rearranged(count: count, index)
        }
    }
}
