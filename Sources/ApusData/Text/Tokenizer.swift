import ApusCore

/// Turns texts into numbers, and numbers into texts.
public protocol Tokenizer: Preprocessor {
    /// How many numbers there are, for the layer that reads them.
    var count: Int { get }

    /// The numbers of a text.
    func encode(_ text: String) throws(ApusError) -> [Int]

    /// The text of numbers.
    func decode(_ tokens: [Int]) -> String
}

extension Tokenizer {
    /// The numbers of texts in rows of one length, `[texts, length]`, int32.
    ///
    /// - Parameters:
    ///   - length: longer texts are cut off at their end; by default that of the longest
    ///   - padding: what shorter ones are filled up with
    public func callAsFunction(_ texts: [String], length: Int? = nil, padding: Int = 0) throws(ApusError) -> Tensor {
        var rows: [[Int]] = []
        for text in texts { rows.append(try encode(text)) }
        return try Tensor.padded(rows, length: length, with: padding)
    }
}

/// An end of a sequence.
public enum SequenceEnd: String, Sendable, CaseIterable {
    case start, end
}

extension Tensor {
    /// Sequences as rows of one length, `[rows, length]`, int32.
    ///
    ///     Tensor.padded([[1, 2, 3], [4]])                                     // [[1, 2, 3], [4, 0, 0]]
    ///     Tensor.padded([[1, 2, 3], [4]], length: 2, at: .start, cutting: .start)   // [[2, 3], [0, 4]]
    ///
    /// - Parameters:
    ///   - length: by default that of the longest
    ///   - side: where shorter ones are filled up
    ///   - cut: where longer ones are cut
    /// - Throws: an `ApusError` for numbers that int32 does not hold
    public static func padded(
        _ rows: [[Int]], length: Int? = nil, with padding: Int = 0, at side: SequenceEnd = .end,
        cutting cut: SequenceEnd = .end
    ) throws(ApusError) -> Tensor {
        let length = length ?? rows.map(\.count).max() ?? 0
        guard (0...1 << 24).contains(length), let filler = Int32(exactly: padding) else {
            throw ApusError(
                .value, in: "Tensor.padded", "rows of length \(length), filled up with \(padding)",
                remedy: "use a length of 0 to 16777216 and a number that int32 holds")
        }
        try Memory.check(Shape([rows.count, length]), .int32, in: "Tensor.padded")
        var values = [Int32](repeating: filler, count: rows.count * length)
        for (row, numbers) in rows.enumerated() {
            let kept = cut == .end ? numbers.prefix(length) : numbers.suffix(length)
            let begin = row * length + (side == .end ? 0 : length - kept.count)
            for (offset, number) in kept.enumerated() {
                guard let value = Int32(exactly: number) else {
                    throw ApusError(
                        .value, in: "Tensor.padded", "\(number) in row \(row) does not fit int32",
                        remedy: "use smaller numbers")
                }
                values[begin + offset] = value
            }
        }
        return Tensor(values, shape: [rows.count, length])
    }
}
