import Apus

/// How often each class was taken for each class.
struct ConfusionMatrix {
    let names: [String]
    /// Rows are the true classes, columns the predicted ones.
    private(set) var counts: [[Int]]

    init(names: [String], labels: [Int], predictions: [Int]) {
        self.names = names
        counts = Array(repeating: Array(repeating: 0, count: names.count), count: names.count)
        for (label, prediction) in zip(labels, predictions)
        where names.indices.contains(label) && names.indices.contains(prediction) {
            counts[label][prediction] += 1
        }
    }

    /// The share of a class that was recognised.
    func recall(_ label: Int) -> Double {
        let total = counts[label].reduce(0, +)
        return total == 0 ? 0 : Double(counts[label][label]) / Double(total)
    }

    /// A table for the terminal: rows are true classes, zeros are dots.
    var table: String {
        let isColoured = Console.isTerminal(1)
        let short = names.map { String($0.prefix(10)) }
        let label = max(4, short.map(\.count).max() ?? 0)
        let width = max(4, (counts.flatMap { $0 }.max().map { String($0).count } ?? 1) + 1)
        func right(_ text: String, _ width: Int) -> String {
            String(repeating: " ", count: max(0, width - text.count)) + text
        }
        var lines = [
            right("true", label) + " │"
                + names.indices.map { right(String(short[$0].prefix(width - 1)), width) }.joined() + "   recall"
        ]
        func rule(_ length: Int) -> String { String(repeating: "─", count: length) }
        lines.append(rule(label + 1) + "┼" + rule(width * names.count + 10))
        for row in names.indices {
            var line = right(short[row], label) + " │"
            for column in names.indices {
                let count = counts[row][column]
                let cell = right(count == 0 ? "·" : "\(count)", width)
                if isColoured, row == column {
                    line += "\u{1b}[32m\(cell)\u{1b}[0m"
                } else if isColoured, count > 0 {
                    line += "\u{1b}[31m\(cell)\u{1b}[0m"
                } else {
                    line += cell
                }
            }
            lines.append(line + right(Format.percent(recall(row), 1), 10))
        }
        return lines.joined(separator: "\n")
    }
}
