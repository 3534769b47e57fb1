import ApusCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension FittedFeature {
    /// Writes the numbers of all rows of a table, at `offset` of rows that are `width` long and hold zeros.
    func write(_ table: Table, to values: inout [Float], offset: Int, width: Int, place: String) throws(ApusError) {
        var columns: [Table.Column] = []
        for name in feature.columns { columns.append(try table[name]) }
        let column = columns[0]
        let rows = 0..<table.count
        func refused(_ row: Int) -> ApusError {
            ApusError(
                .data, in: place, "row \(row) has no value in the column \(column.name.quoted)",
                remedy: "give the feature what stands for missing values, or drop such rows")
        }
        func category(_ row: Int, _ index: Int = 0) -> String? {
            guard let text = columns[index].text(at: row) else { return fillText }
            guard isNumeric[index], columns[index].type != .number, let number = Double(text) else { return text }
            return Table.Column("", .numbers([number])).text(at: 0)
        }
        switch feature.kind {
        case .number, .standardized, .scaled, .robust:
            for (row, number) in try Self.numbers(of: column, place: place).enumerated() {
                guard let value = number.isNaN ? fill : number else { throw refused(row) }
                values[row * width + offset] = Float((value - numbers[0]) / numbers[1] + numbers[2])
            }
        case .binned:
            for (row, number) in try Self.numbers(of: column, place: place).enumerated() {
                guard let value = number.isNaN ? fill : number else { throw refused(row) }
                values[row * width + offset + numbers.count { $0 <= value }] = 1
            }
        case .oneHot, .ordinal:
            let places = Dictionary(texts.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
            for row in rows {
                let text = category(row)
                if text == nil, feature.missing == .refused { throw refused(row) }
                let slot = text.flatMap { places[$0] } ?? (text == nil && hasMissing ? texts.count : nil)
                if feature.kind == .ordinal {
                    values[row * width + offset] = Float(slot ?? -1)
                } else if let slot {
                    values[row * width + offset + slot] = 1
                }
            }
        case .hashed, .crossed:
            for row in rows {
                let text = columns.indices.map { category(row, $0) ?? "" }.joined(separator: "\u{1f}")
                values[row * width + offset + Int(text.mixed % UInt64(feature.numbers[0]))] = 1
            }
        case .boolean:
            for row in rows {
                let truth = try Self.truth(of: column, row, place: place).map { $0 ? 1.0 : 0 }
                guard let value = truth ?? fill else { throw refused(row) }
                values[row * width + offset] = Float(value)
            }
        case .isMissing:
            for row in rows where column.isMissing(at: row) { values[row * width + offset] = 1 }
        case .date, .dateParts:
            let parts = texts.compactMap { DatePart(rawValue: $0) }
            for row in rows {
                guard let text = column.text(at: row) ?? fillText else {
                    if feature.missing == .refused { throw refused(row) }
                    continue
                }
                let date = try CalendarDate(text, column.name, row, place)
                var position = row * width + offset
                for part in parts {
                    if feature.kind == .dateParts {
                        values[position] = Float(date[part])
                    } else if part == .year {
                        values[position] = Float((Double(date.year) - numbers[0]) / numbers[1])
                    } else {
                        let angle = 2 * Double.pi * date.cycle(part)
                        (values[position], values[position + 1]) = (Float(sin(angle)), Float(cos(angle)))
                        position += 1
                    }
                    position += 1
                }
            }
        case .targetMean:
            let places = Dictionary(texts.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
            let count = numbers.count / (texts.count + 1)
            for row in rows {
                let slot = category(row).flatMap { places[$0] }.map { $0 + 1 } ?? 0
                for part in 0..<count { values[row * width + offset + part] = Float(numbers[slot * count + part]) }
            }
        }
    }

    /// The numbers of a column, NaN where they are missing.
    static func numbers(of column: Table.Column, place: String) throws(ApusError) -> [Double] {
        if let numbers = column.numbers { return numbers }
        var numbers: [Double] = []
        for row in 0..<column.count {
            guard let text = column.text(at: row) else {
                numbers.append(.nan)
                continue
            }
            guard let number = Double(text) ?? text.truth.map({ $0 ? 1 : 0 }) else {
                throw ApusError(
                    .data, in: place,
                    "row \(row) of the column \(column.name.quoted) is \(text.quoted), which is no number",
                    remedy: "mend it, or treat the column as categories")
            }
            numbers.append(number)
        }
        return numbers
    }

    static func truth(of column: Table.Column, _ row: Int, place: String) throws(ApusError) -> Bool? {
        guard let text = column.text(at: row) else { return nil }
        if let truth = text.truth { return truth }
        throw ApusError(
            .data, in: place,
            "row \(row) of the column \(column.name.quoted) is \(text.quoted), which is neither true nor false",
            remedy: "use true and false, yes and no, t and f, y and n, or 1 and 0, or treat the column as categories")
    }
}

/// A date and time of the Gregorian calendar, as tables write them.
struct CalendarDate: Sendable, Equatable {
    var year = 1, month = 1, day = 1, hour = 0, minute = 0

    /// Reads `2016-07-01`, `2016/7/1`, `2016-07`, and either with `13:00` or `13:00:30` behind a blank or a T.
    init(_ text: String, _ column: String, _ row: Int, _ place: String) throws(ApusError) {
        guard let date = CalendarDate(text) else {
            throw ApusError(
                .data, in: place, "row \(row) of the column \(column.quoted) is \(text.quoted), which is no date",
                remedy: "write dates as 2016-07-01, with 13:00:00 behind it where there is a time")
        }
        self = date
    }

    init?(_ text: String) {
        let parts = text.split(maxSplits: 1, whereSeparator: { $0 == " " || $0 == "T" })
        guard let front = parts.first else { return nil }
        let days = front.split(whereSeparator: { $0 == "-" || $0 == "/" }).map { Int($0) }
        let clock = parts.count > 1 ? parts[1].split(separator: ":").map { Double($0) } : []
        guard (2...3).contains(days.count), clock.isEmpty || (2...3).contains(clock.count) else { return nil }
        guard let year = days[0], let month = days[1], let day = days.count > 2 ? days[2] : 1,
            (1...9999).contains(year), (1...12).contains(month), day >= 1, day <= Self.days(of: month, in: year),
            let hour = clock.isEmpty ? 0 : clock[0], let minute = clock.isEmpty ? 0 : clock[1],
            hour >= 0, hour < 24, minute >= 0, minute < 60
        else { return nil }
        (self.year, self.month, self.day, self.hour, self.minute) = (year, month, day, Int(hour), Int(minute))
    }

    private static func isLeap(_ year: Int) -> Bool { year % 4 == 0 && year % 100 != 0 || year % 400 == 0 }

    static func days(of month: Int, in year: Int) -> Int {
        month == 2 ? (isLeap(year) ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
    }

    private var dayOfYear: Int { (1..<month).reduce(day) { $0 + Self.days(of: $1, in: year) } }

    /// 1 for Monday to 7 for Sunday.
    private var weekday: Int {
        let before = year - 1
        // The first of January of the year 1 was a Monday.
        return (365 * before + before / 4 - before / 100 + before / 400 + dayOfYear - 1) % 7 + 1
    }

    subscript(part: DatePart) -> Int {
        switch part {
        case .year: year
        case .month: month
        case .day: day
        case .weekday: weekday
        case .hour: hour
        case .minute: minute
        case .dayOfYear: dayOfYear
        }
    }

    /// How much of its cycle has passed at the beginning of a part, from 0 up to below 1.
    func cycle(_ part: DatePart) -> Double {
        switch part {
        case .year: 0
        case .month: Double(month - 1) / 12
        case .day: Double(day - 1) / Double(Self.days(of: month, in: year))
        case .weekday: Double(weekday - 1) / 7
        case .hour: (Double(hour) + Double(minute) / 60) / 24
        case .minute: Double(minute) / 60
        case .dayOfYear: Double(dayOfYear - 1) / (Self.isLeap(year) ? 366 : 365)
        }
    }
}
