import Apus

/// The facts of a run for its report.
struct RunFigures {
    let data: String
    let model: String
    let seed: UInt64
    let threads: Int
    let optimizer: String
    let learningRate: Double
    let batch: Int
    let seconds: Double
    let samplesPerSecond: Double
    let trainCount: Int
    let testCount: Int
}

/// A training run as one HTML page that needs nothing else.
struct Report {
    let figures: RunFigures
    let summary: Summary
    let history: History
    let outcome: TestOutcome

    var html: String {
        get throws(ApusError) {
            """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(Report.escaped(figures.model)) on \(Report.escaped(figures.data)) · Apus</title>
            <style>\(Report.style)</style></head><body><main>
            <header><h1>\(Report.escaped(figures.model)) <span>on</span> \(Report.escaped(figures.data))</h1>
            <p>\(facts)</p></header>
            <section class="tiles">\(tiles)</section>
            <section class="pair">
            <figure><h2>Loss</h2>\(lossChart)</figure>
            <figure><h2>Accuracy</h2>\(accuracyChart)</figure>
            </section>
            <section><h2>Confusion</h2><p class="hint">Rows are true classes, columns what the model saw.</p>
            \(confusionTable)</section>
            <section><h2>Worst mistakes</h2>\(try gallery())</section>
            <section><h2>Network</h2>\(networkTable)</section>
            <footer>Apus \(ApusCommand.version)</footer>
            </main></body></html>

            """
        }
    }

    private var facts: String {
        [
            "\(Summary.grouped(figures.trainCount)) training samples", "\(history.epochs.count) epochs",
            "\(Summary.grouped(history.steps)) steps of \(figures.batch)",
            "\(figures.optimizer), learning rate \(figures.learningRate)", "seed \(figures.seed)",
            Console.threads(figures.threads),
        ].map(Report.escaped).joined(separator: " · ")
    }

    private var tiles: String {
        [
            (Format.percent(outcome.accuracy), "test accuracy"),
            (Format.fixed(outcome.loss, 4), "test loss"),
            ("\(outcome.mistakes.count) of \(Summary.grouped(figures.testCount))", "mistakes"),
            (Format.duration(figures.seconds), "from start to end"),
            (Summary.grouped(Int(figures.samplesPerSecond)), "samples a second"),
            (Summary.grouped(summary.trainable), "parameters"),
        ].map { "<div><strong>\($0.0)</strong><span>\($0.1)</span></div>" }.joined()
    }

    private var lossChart: String {
        Chart(
            series: [
                Chart.Series(name: "training", values: history.epochs.map(\.loss)),
                Chart.Series(name: "test", values: history.epochs.compactMap(\.validationLoss)),
            ], format: { Format.fixed($0, $0 < 1 ? 3 : 2) }, fromZero: true
        ).svg
    }

    private var accuracyChart: String {
        Chart(
            series: [
                Chart.Series(name: "training", values: history.epochs.compactMap { $0.metrics["accuracy"] }),
                Chart.Series(name: "test", values: history.epochs.compactMap { $0.validationMetrics["accuracy"] }),
            ], format: { Format.percent($0, 1) }, fromZero: false
        ).svg
    }

    private var confusionTable: String {
        let matrix = outcome.confusion
        var html = "<div class=\"scroll\"><table class=\"confusion\"><tr><th></th>"
        html += matrix.names.map { "<th>\(Report.escaped($0))</th>" }.joined() + "<th>recall</th></tr>"
        for row in matrix.names.indices {
            let total = max(1, matrix.counts[row].reduce(0, +))
            html += "<tr><th>\(Report.escaped(matrix.names[row]))</th>"
            for column in matrix.names.indices {
                let count = matrix.counts[row][column]
                let share = Double(count) / Double(total)
                let strength = count == 0 ? 0 : row == column ? 0.15 + 0.65 * share : min(0.85, 0.15 + 4 * share)
                let colour = row == column ? "37,128,90" : "208,73,56"
                let style = "background:rgba(\(colour),\(Format.fixed(strength, 2)))"
                html += "<td style=\"\(style)\">\(count == 0 ? "" : "\(count)")</td>"
            }
            html += "<td class=\"recall\">\(Format.percent(matrix.recall(row), 1))</td></tr>"
        }
        return html + "</table></div>"
    }

    private func gallery() throws(ApusError) -> String {
        guard !outcome.mistakes.isEmpty else { return "<p class=\"hint\">There are none.</p>" }
        guard outcome.data.inputShape.rank == 3, [1, 3].contains(outcome.data.inputShape[2]) else { return "" }
        var html = "<p class=\"hint\">The wrong answers that the model was surest of.</p><div class=\"gallery\">"
        for mistake in outcome.mistakes.prefix(30) {
            let pixels: [Float] = try outcome.data.input(at: mistake.index).array()
            let shape = outcome.data.inputShape
            let image = try Image(
                width: shape[1], height: shape[0], channels: shape[2],
                pixels: pixels.map { UInt8(min(max($0 * 255, 0), 255)) })
            let source = "data:image/png;base64," + Base64.encode(PNG.encode(image))
            let (label, answer) = (outcome.confusion.names[mistake.label], outcome.confusion.names[mistake.prediction])
            html += """
                <figure><img src="\(source)" alt="sample \(mistake.index)" title="sample \(mistake.index)">
                <figcaption><b>\(Report.escaped(label))</b> seen as <i>\(Report.escaped(answer))</i><br>\
                \(Format.percent(mistake.confidence, 1)) sure</figcaption></figure>
                """
        }
        return html + "</div>"
    }

    private var networkTable: String {
        var html = "<table class=\"network\"><tr><th>layer</th><th>kind</th><th>output</th><th>parameters</th></tr>"
        for row in summary.rows {
            html += "<tr><td>\(Report.escaped(row.path))</td><td>\(Report.escaped(row.kind))</td><td>\(row.output)</td>"
            html += "<td class=\"number\">\(Summary.grouped(row.trainable + row.fixed))</td></tr>"
        }
        return html + "</table>"
    }

    static func escaped(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            default: result.append(character)
            }
        }
        return result
    }

    static let style = """
        :root{color-scheme:light dark;--paper:#fff;--ink:#1c2330;--soft:#667085;--line:#e4e7ec;--card:#f7f8fa;\
        --first:#2f6fde;--second:#e0762f}
        @media(prefers-color-scheme:dark){:root{--paper:#12161d;--ink:#e8ecf3;--soft:#98a2b3;--line:#2a3140;\
        --card:#1a202b;--first:#6ea1ff;--second:#ffa15e}}
        *{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--ink);\
        font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
        main{max-width:1040px;margin:0 auto;padding:36px 24px}h1{font-size:30px;margin:0;letter-spacing:-.02em}\
        h1 span{color:var(--soft);font-weight:400}h2{font-size:17px;margin:0 0 8px}header p,.hint{color:var(--soft);\
        margin:4px 0 12px}section{margin:30px 0}
        .tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(165px,1fr));gap:12px}
        .tiles div{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:14px 16px}
        .tiles strong{display:block;font-size:22px;letter-spacing:-.01em;white-space:nowrap}.tiles span{color:var(--soft)}
        .pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(380px,1fr));gap:20px}
        .pair figure{margin:0;background:var(--card);border:1px solid var(--line);border-radius:12px;padding:16px}
        svg{width:100%;height:auto;display:block}svg text{fill:var(--soft);font:12px system-ui,sans-serif}
        .scroll{overflow-x:auto}table{border-collapse:collapse}.confusion td,.confusion th{text-align:right;\
        padding:5px 9px;min-width:44px;font-variant-numeric:tabular-nums}.confusion th{color:var(--soft);font-weight:500}\
        .confusion td{border:1px solid var(--paper);border-radius:4px}.confusion .recall{color:var(--soft)}
        .gallery{display:grid;grid-template-columns:repeat(auto-fill,minmax(118px,1fr));gap:14px}
        .gallery figure{margin:0}.gallery img{width:100%;image-rendering:pixelated;border-radius:8px;\
        border:1px solid var(--line)}figcaption{font-size:13px;line-height:1.35;color:var(--soft);margin-top:4px}\
        figcaption b{color:var(--ink)}figcaption i{color:var(--second);font-style:normal;font-weight:600}
        .network td,.network th{text-align:left;padding:6px 18px 6px 0;border-bottom:1px solid var(--line)}\
        .network th{color:var(--soft);font-weight:500}.network .number{text-align:right;\
        font-variant-numeric:tabular-nums}footer{color:var(--soft);margin-top:40px;font-size:13px}
        """
}

/// Bytes as text for pages.
enum Base64 {
    static func encode(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var result: [UInt8] = []
        result.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let rest = bytes.count - start
            let word =
                UInt32(bytes[start]) << 16 | (rest > 1 ? UInt32(bytes[start + 1]) << 8 : 0)
                | (rest > 2 ? UInt32(bytes[start + 2]) : 0)
            result.append(alphabet[Int(word >> 18)])
            result.append(alphabet[Int(word >> 12 & 63)])
            result.append(rest > 1 ? alphabet[Int(word >> 6 & 63)] : UInt8(ascii: "="))
            result.append(rest > 2 ? alphabet[Int(word & 63)] : UInt8(ascii: "="))
        }
        return String(decoding: result, as: UTF8.self)
    }
}
