import ApusCore

/// A pass over a pipeline's elements: what all cursors and accesses of it share.
package struct PipelineRun: Sendable {
    /// The pass over the data, which random stages draw anew for.
    package let epoch: Int
    package let team: WorkerTeam

    package func inEpoch(_ epoch: Int) -> PipelineRun { PipelineRun(epoch: epoch, team: team) }
}

/// Gives the elements of a stage one after the other.
///
/// Where a cursor stands depends only on how many elements it has given: that number is the whole position, and
/// `skip` gets there again without computing what it can do without.
package class Cursor<Element: Sendable> {
    package init() {}

    /// The next elements, as many as asked for unless the end comes before.
    package func next(_ count: Int) throws(ApusError) -> [Element] { [] }

    /// Passes over elements, and returns of how many there were.
    package func skip(_ count: Int) throws(ApusError) -> Int {
        var skipped = 0
        while skipped < count {
            let step = try next(min(count - skipped, 64)).count
            if step == 0 { break }
            skipped += step
        }
        return skipped
    }

    /// One element, or nil at the end.
    package final func one() throws(ApusError) -> Element? { try next(1).first }
}

/// The elements of a stage by number, in any order.
package struct Access<Element: Sendable>: Sendable {
    package let count: Int
    package let elements: @Sendable ([Int]) throws(ApusError) -> [Element]
    /// Elements that are rows of arrays as one batch, of the type that the element's batches have.
    package var gathered: (@Sendable ([Int]) throws(ApusError) -> any Sendable)?

    package init(
        count: Int, gathered: (@Sendable ([Int]) throws(ApusError) -> any Sendable)? = nil,
        _ elements: @escaping @Sendable ([Int]) throws(ApusError) -> [Element]
    ) {
        self.count = count
        self.gathered = gathered
        self.elements = elements
    }

    /// The same elements in another order or number.
    package func rearranged(
        count: Int, _ index: @escaping @Sendable (Int) -> Int
    ) -> Access<Element> {
        let elements = elements
        var result = Access(count: count) { (indices: [Int]) throws(ApusError) -> [Element] in
            try elements(indices.map(index))
        }
        if let gathered {
            result.gathered = { (indices: [Int]) throws(ApusError) -> any Sendable in
                try gathered(indices.map(index))
            }
        }
        return result
    }
}

/// The elements of an access in order.
package final class AccessCursor<Element: Sendable>: Cursor<Element> {
    private let access: Access<Element>
    private var position = 0

    package init(_ access: Access<Element>) { self.access = access }

    package override func next(_ count: Int) throws(ApusError) -> [Element] {
        let end = position + min(max(count, 0), access.count - position)
        guard end > position else { return [] }
        let result = try access.elements(Array(position..<end))
        position = end
        return result
    }

    package override func skip(_ count: Int) -> Int {
        let step = min(max(count, 0), access.count - position)
        position += step
        return step
    }
}

/// A cursor made of two closures.
package final class ClosureCursor<Element: Sendable>: Cursor<Element> {
    private let give: (Int) throws(ApusError) -> [Element]
    private let pass: ((Int) throws(ApusError) -> Int)?

    package init(
        skip: ((Int) throws(ApusError) -> Int)? = nil, _ next: @escaping (Int) throws(ApusError) -> [Element]
    ) {
        give = next
        pass = skip
    }

    package override func next(_ count: Int) throws(ApusError) -> [Element] { try give(count) }

    package override func skip(_ count: Int) throws(ApusError) -> Int {
        guard let pass else { return try super.skip(count) }
        return try pass(count)
    }
}

/// Runs a user's function on an element; what it throws is told with the stage and the element's number.
package func onElement<Result>(
    _ index: Int, of stage: PipelineStage, _ body: () throws -> Result
) throws(ApusError) -> Result {
    do {
        return try body()
    } catch let error as ApusError {
        var told = ApusError(
            error.kind, in: "element \(index) of \(stage): \(error.place)", error.problem, remedy: error.remedy)
        told.path = error.path
        throw told
    } catch {
        throw ApusError(
            .data, in: "element \(index) of \(stage)", "the function threw \(error)",
            remedy: "mend the element, or leave it out with filter")
    }
}
