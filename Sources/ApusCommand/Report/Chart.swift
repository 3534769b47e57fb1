/// Curves over epochs as an SVG picture that follows the page's colours.
struct Chart {
    struct Series {
        let name: String
        let values: [Double]
    }

    let series: [Series]
    let format: (Double) -> String
    let fromZero: Bool

    private let width = 460.0
    private let height = 260.0
    private let left = 58.0
    private let right = 14.0
    private let top = 14.0
    private let bottom = 30.0

    var svg: String {
        let shown = series.filter { !$0.values.isEmpty }
        let all = shown.flatMap(\.values).filter(\.isFinite)
        guard let smallest = all.min(), let largest = all.max() else { return "" }
        let ticks = Chart.ticks(fromZero ? 0 : smallest, largest == smallest ? smallest + 1e-3 : largest)
        let (low, high) = (ticks.first ?? 0, ticks.last ?? 1)
        let count = shown.map(\.values.count).max() ?? 1
        func x(_ index: Int) -> Double {
            count == 1 ? (left + width - right) / 2 : left + (width - left - right) * Double(index) / Double(count - 1)
        }
        func y(_ value: Double) -> Double { top + (height - top - bottom) * (1 - (value - low) / (high - low)) }
        func number(_ value: Double) -> String { Format.fixed(value, 1) }

        func element(_ name: String, _ attributes: [(String, String)], _ content: String = "") -> String {
            "<\(name) " + attributes.map { "\($0.0)=\"\($0.1)\"" }.joined(separator: " ") + ">\(content)</\(name)>"
        }
        func text(_ x: Double, _ y: Double, _ anchor: String, _ content: String) -> String {
            element("text", [("x", number(x)), ("y", number(y)), ("text-anchor", anchor)], content)
        }

        var body = ""
        for tick in ticks {
            let height = number(y(tick))
            body += element(
                "line",
                [
                    ("x1", number(left)), ("x2", number(width - right)), ("y1", height), ("y2", height),
                    ("stroke", "var(--line)"),
                ])
            body += text(left - 8, y(tick) + 4, "end", format(tick))
        }
        for index in stride(from: 0, to: count, by: max(1, (count + 9) / 10)) {
            body += text(x(index), height - 8, "middle", "\(index + 1)")
        }
        for (position, line) in shown.enumerated() {
            let colour = position == 0 ? "var(--first)" : "var(--second)"
            let points = line.values.enumerated().filter { $0.element.isFinite }
                .map { "\(number(x($0.offset))),\(number(y($0.element)))" }
            body += element(
                "polyline",
                [
                    ("points", points.joined(separator: " ")), ("fill", "none"), ("stroke", colour),
                    ("stroke-width", "2.5"), ("stroke-linejoin", "round"),
                ])
            for (index, value) in line.values.enumerated() where value.isFinite && count <= 40 {
                body += element(
                    "circle", [("cx", number(x(index))), ("cy", number(y(value))), ("r", "3.5"), ("fill", colour)],
                    "<title>epoch \(index + 1): \(format(value))</title>")
            }
            let legend = width - right - 150 + Double(position) * 84
            let legendY = fromZero ? top + 6 : height - bottom - 12
            body += element(
                "rect",
                [
                    ("x", number(legend)), ("y", number(legendY - 4)), ("width", "16"), ("height", "4"), ("rx", "2"),
                    ("fill", colour),
                ])
            body += text(legend + 22, legendY + 2, "start", line.name)
        }
        return "<svg viewBox=\"0 0 \(number(width)) \(number(height))\" role=\"img\">\(body)</svg>"
    }

    /// Round numbers that enclose a range: steps of 1, 2 or 5 times a power of ten.
    static func ticks(_ low: Double, _ high: Double) -> [Double] {
        var step = 1.0
        let span = max(high - low, 1e-9)
        while step * 5 < span { step *= 10 }
        while step > span / 2.5 {
            if step / 2 <= span / 2.5 {
                step /= 2
                break
            }
            if step / 5 <= span / 2.5 {
                step /= 5
                break
            }
            step /= 10
        }
        let first = (low / step).rounded(.down)
        let last = (high / step - 1e-9).rounded(.up)
        return stride(from: first, through: max(last, first + 1), by: 1).map { $0 * step }
    }
}
