import Apus

/// What a data set holds as one HTML page that needs nothing else.
struct DataReport {
    private let description: DataDescription
    private let sheet: Image?

    init(_ description: DataDescription, _ sheet: Image?) { (self.description, self.sheet) = (description, sheet) }

    var html: String {
        let parts = description.parts.map {
            "<div><strong>\(Summary.grouped($0.count))</strong><span>\(Report.escaped($0.name))</span></div>"
        }
        var sections = ""
        if let sheet {
            sections +=
                "<section><h2>Samples</h2><img style=\"max-width:100%\" alt=\"samples\" src=\"data:image/png;base64,"
            sections += Base64.encode(PNG.encode(sheet)) + "\"></section>"
        }
        if !description.columns.isEmpty { sections += "<section><h2>Fields</h2>\(columns)</section>" }
        if !description.classes.isEmpty { sections += "<section><h2>Classes</h2>\(classes)</section>" }
        if !description.bad.isEmpty {
            sections += "<section><h2>Bad samples</h2><ul>"
            for sample in description.bad.prefix(100) {
                sections += "<li>\(Report.escaped(sample.name)): \(Report.escaped(sample.error.problem))</li>"
            }
            sections += "</ul></section>"
        }
        return """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(Report.escaped(description.name)) · Apus</title>
            <style>\(Report.style)</style></head><body><main>
            <header><h1>\(Report.escaped(description.name))</h1><p>\(Report.escaped(description.kind))</p></header>
            <section class="tiles">\(parts.joined())</section>
            \(sections)
            </main></body></html>

            """
    }

    private var columns: String {
        var rows = "<tr><th>field</th><th>type</th><th>range</th><th>different</th><th>missing</th></tr>"
        for column in description.columns {
            let range = column.range.map { "\(Float($0.lowerBound)) to \(Float($0.upperBound))" } ?? ""
            rows +=
                "<tr><td>\(Report.escaped(column.name))</td><td>\(Report.escaped(column.type))</td><td>\(range)</td>"
            rows += "<td class=\"number\">\(column.distinct.map(String.init) ?? "")</td>"
            rows += "<td class=\"number\">\(column.missing)</td></tr>"
        }
        return "<div class=\"scroll\"><table class=\"network\">\(rows)</table></div>"
    }

    private var classes: String {
        let largest = max(1, description.classes.map(\.count).max() ?? 1)
        var rows = ""
        for entry in description.classes {
            let width = 300 * entry.count / largest
            rows +=
                "<tr><td>\(Report.escaped(entry.name))</td><td class=\"number\">\(Summary.grouped(entry.count))</td>"
            rows += "<td><span style=\"display:block;height:12px;border-radius:4px;background:var(--first);"
            rows += "width:\(width)px\"></span></td></tr>"
        }
        return "<div class=\"scroll\"><table class=\"network\">\(rows)</table></div>"
    }
}
