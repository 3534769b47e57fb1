import ApusCore

/// What a source does with samples that can't be read. Whatever it does, it counts them.
public enum BadSamplePolicy: String, Sendable, CaseIterable {
    /// Ends in the error.
    case stop
    /// Leaves the sample out.
    case skip
    /// Takes the next sample that can be read in its place (rows of tables are filled up with missing values).
    case replace
}

/// A sample that could not be read.
public struct BadSample: Sendable, Equatable {
    /// The file, or the sample's name in its file.
    public let name: String
    /// Why it could not be read.
    public let error: ApusError

    /// - Parameter name: which sample it is
    public init(name: String, error: ApusError) { (self.name, self.error) = (name, error) }
}

/// Samples that can be read by number, in any order and from several threads.
///
///     let cells = try VOCDetection(folder: "bccd", part: "train")
///     let first = try cells.sample(at: 0)
public protocol SampleSource<Element>: Sendable {
    associatedtype Element: Sendable
    /// The name for listings.
    var name: String { get }
    /// The number of samples.
    var count: Int { get }
    /// Reads one sample.
    func sample(at index: Int) throws(ApusError) -> Element
}

extension SampleSource {
    /// All samples that can be read, and those that can't.
    ///
    /// - Parameters:
    ///   - limit: how many samples to look at
    ///   - policy: ``BadSamplePolicy/replace`` repeats the sample before a bad one, or the first good one
    public func samples(
        limit: Int = .max, policy: BadSamplePolicy = .stop
    ) throws(ApusError) -> (samples: [Element], bad: [BadSample]) {
        var samples: [Element] = []
        var bad: [BadSample] = []
        for index in 0..<min(count, max(0, limit)) {
            do throws(ApusError) {
                samples.append(try sample(at: index))
                // Those before the first good one get it too.
                if policy == .replace, samples.count == 1, let first = samples.first {
                    samples += [Element](repeating: first, count: bad.count)
                }
            } catch {
                if policy == .stop { throw error }
                bad.append(BadSample(name: "\(name)[\(index)]", error: error))
                if policy == .replace, let last = samples.last { samples.append(last) }
            }
        }
        return (samples, bad)
    }

    /// The error of a number that no sample has.
    package func check(_ index: Int) throws(ApusError) {
        guard (0..<count).contains(index) else {
            throw ApusError(
                .index, in: "data set \(name)", "sample \(index) of \(count)", remedy: "use an index in 0..<\(count)")
        }
    }
}
