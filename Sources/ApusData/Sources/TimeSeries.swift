import ApusCore

/// Channels measured at equal steps of time, from which windows are cut.
///
///     let table = try CSV.read("ETTh1.csv")
///     let series = try TimeSeries(table, channels: ["HUFL", "HULL", "OT"])
///     let data = try series.windows(input: 96, ahead: 24, targets: ["OT"])
public struct TimeSeries: Sendable {
    /// The names of the channels.
    public let channels: [String]
    /// `[steps][channel]`, one step after the other.
    public let values: [Float]
    /// The number of steps.
    public let count: Int

    /// Columns of numbers of a table.
    ///
    /// - Parameter channels: the columns; all those of numbers by default
    /// - Throws: an `ApusError` for columns of text, and where a value is missing
    public init(_ table: Table, channels: [String]? = nil) throws(ApusError) {
        let names = channels ?? table.columns.filter { $0.type == .number }.map(\.name)
        var columns: [[Double]] = []
        for name in names {
            let column = try table[name]
            guard let numbers = column.numbers, column.missingCount == 0 else {
                throw ApusError(
                    .data, in: "time series",
                    "the column \(name.quoted) holds text or lacks \(column.missingCount) values",
                    remedy: "use columns of numbers, and fill in or drop what is missing")
            }
            columns.append(numbers)
        }
        guard !columns.isEmpty else {
            throw ApusError(.data, in: "time series", "there is no column of numbers", remedy: "name the channels")
        }
        var values: [Float] = []
        values.reserveCapacity(table.count * columns.count)
        for step in 0..<table.count { for column in columns { values.append(Float(column[step])) } }
        (self.channels, self.values, count) = (names, values, table.count)
    }

    /// The steps of a range, such as the first year for training.
    public func steps(_ range: Range<Int>) throws(ApusError) -> TimeSeries {
        guard range.lowerBound >= 0, range.upperBound <= count, !range.isEmpty else {
            throw ApusError(
                .index, in: "time series", "steps \(range) of \(count)", remedy: "use a range in 0..<\(count)")
        }
        let width = channels.count
        return TimeSeries(
            channels: channels, values: Array(values[range.lowerBound * width..<range.upperBound * width]),
            count: range.count)
    }

    /// The series with each channel moved and scaled so that it has mean 0 and variance 1 over some steps, those to train
    /// with: later ones must not be looked at.
    public func standardized(over range: Range<Int>) throws(ApusError) -> TimeSeries {
        let part = try steps(range)
        let width = channels.count
        var result = values
        for channel in 0..<width {
            let known = stride(from: channel, to: part.values.count, by: width).map { Double(part.values[$0]) }
            let mean = known.reduce(0, +) / Double(known.count)
            let variance = known.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(known.count)
            let deviation = variance > 0 ? variance.squareRoot() : 1
            for index in stride(from: channel, to: result.count, by: width) {
                result[index] = Float((Double(result[index]) - mean) / deviation)
            }
        }
        return TimeSeries(channels: channels, values: result, count: count)
    }

    private init(channels: [String], values: [Float], count: Int) {
        (self.channels, self.values, self.count) = (channels, values, count)
    }

    /// Windows of the series with what follows them: `[windows, input, channels]` and `[windows, ahead, targets]`.
    ///
    /// - Parameters:
    ///   - input: steps a window
    ///   - ahead: steps to be predicted
    ///   - step: the distance of the windows' beginnings
    ///   - targets: the channels to be predicted; all by default
    public func windows(
        input: Int, ahead: Int = 1, step: Int = 1, targets: [String]? = nil, name: String = "series"
    ) throws(ApusError) -> Dataset {
        guard input >= 1, ahead >= 1, step >= 1, input <= count, ahead <= count - input else {
            throw ApusError(
                .value, in: "time series",
                "windows of \(input) steps with \(ahead) ahead and a distance of \(step), in \(count) steps",
                remedy: "use sizes of 1 or more that fit into the series together")
        }
        var selected: [Int] = []
        for target in targets ?? channels {
            guard let index = channels.firstIndex(of: target) else {
                throw ApusError(
                    .name, in: "time series", "there is no channel \(target.quoted)",
                    remedy: "use one of \(channels.joined(separator: ", "))")
            }
            selected.append(index)
        }
        let width = channels.count
        let starts = Array(stride(from: 0, through: count - input - ahead, by: step))
        try Memory.check(Shape([starts.count, input, width]), .float32, in: "time series")
        var (inputs, outputs): ([Float], [Float]) = ([], [])
        inputs.reserveCapacity(starts.count * input * width)
        outputs.reserveCapacity(starts.count * ahead * selected.count)
        for start in starts {
            inputs += values[start * width..<(start + input) * width]
            for time in start + input..<start + input + ahead {
                for channel in selected { outputs.append(values[time * width + channel]) }
            }
        }
        return try Dataset(
            inputs: Tensor(inputs, shape: [starts.count, input, width]),
            targets: Tensor(outputs, shape: [starts.count, ahead, selected.count]), name: name)
    }
}
