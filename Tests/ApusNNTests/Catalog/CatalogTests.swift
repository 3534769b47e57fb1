import Apus
import Foundation
import Testing

/// What the sources declare against what the catalog lists.
@Suite struct CatalogTests {
    struct Kind: Sendable {
        let folder: String
        /// The type whose static members are things to list.
        let type: String
        let entries: [CatalogEntry]
        /// Members that make no new thing.
        var others: Set<String> = []
    }

    static let kinds: [Kind] = [
        Kind(folder: "Losses", type: "Loss", entries: Catalog.losses),
        Kind(folder: "Optimizers", type: "Optimizer", entries: Catalog.optimizers),
        Kind(folder: "Schedules", type: "Schedule", entries: Catalog.schedules),
        Kind(folder: "Initializers", type: "Initializer", entries: Catalog.initializers),
        Kind(folder: "Regularizers", type: "Regularizer", entries: Catalog.regularizers),
        Kind(folder: "Constraints", type: "Constraint", entries: Catalog.constraints),
    ]

    private func sources(_ folder: String) throws -> String {
        let root = "\(#filePath)".split(separator: "/").dropLast(4).reduce("") { $0 + "/" + $1 }
        let path = "\(root)/Sources/ApusNN/\(folder)/"
        let files = try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.hasSuffix(".swift") }
        return try files.sorted().map { try String(contentsOfFile: path + $0, encoding: .utf8) }.joined()
    }

    @Test(arguments: kinds.indices)
    func whatIsPublicIsListed(_ index: Int) throws {
        let kind = Self.kinds[index]
        let text = try sources(kind.folder)
        var declared: Set<String> = []
        // `public static func huber(..) -> Loss`, over several lines, too.
        for match in text.matches(of: #/public static func (\w+)[^{}]*?-> (\w+) \{/#) where match.2 == kind.type {
            declared.insert("\(kind.type).\(match.1)")
        }
        for match in text.matches(of: #/(?m)^    public func (\w+)[^{}]*?-> (\w+) \{/#) where match.2 == kind.type {
            declared.insert("\(kind.type).\(match.1)")
        }
        for match in text.matches(of: #/public static let (\w+) = /#) where kind.type != "Optimizer" {
            declared.insert("\(kind.type).\(match.1)")
        }
        declared.subtract(kind.others.map { "\(kind.type).\($0)" })
        // Lists of the catalog are no members of the type.
        declared.remove("\(kind.type).\(kind.folder.lowercased())")
        let listed = Set(kind.entries.map(\.name))
        #expect(declared.count >= 3)
        #expect(declared.subtracting(listed).sorted() == [])
        let own = listed.filter { $0.hasPrefix(kind.type + ".") && !$0.hasSuffix("+") && !$0.hasSuffix("*") }
        #expect(own.subtracting(declared).subtracting(["\(kind.type).init"]).sorted() == [])
    }

    @Test func activationsAreListedByName() throws {
        let listed = Set(Catalog.activations.map(\.name))
        let text = try sources("Activations")
        var declared: Set<String> = []
        for match in text.matches(of: #/(?m)^public func (\w+)/#) { declared.insert("\(match.1)") }
        for match in text.matches(of: #/public static let (\w+) = ActivationFunction/#) {
            declared.insert("\(match.1)")
        }
        #expect(declared.count > 30)
        #expect(declared.subtracting(listed).sorted() == [])
        #expect(listed.subtracting(declared).sorted() == ["GatedUnit"])
    }

    /// Functions of losses are listed, or stand behind a loss for training.
    @Test func functionsOfLossesAreListed() throws {
        let behind: Set = [
            "absoluteError", "binaryCrossEntropy", "binaryFocalLoss", "categoricalFocalLoss", "categoricalHingeLoss",
            "circleLoss", "ctcLoss", "diceLoss", "gaussianNegativeLogLikelihood", "generalizedCrossEntropy",
            "hingeEmbeddingLoss", "hingeLoss", "huberLoss", "jaccardLoss", "klDivergence", "logCoshLoss",
            "meanSquaredError", "multiLabelMarginLoss", "multiLabelSoftMarginLoss", "multiMarginLoss",
            "percentageError", "poissonLoss", "poissonNegativeLogLikelihood", "powerError", "smoothL1Loss",
            "softMarginLoss", "softmaxCrossEntropy", "squaredError", "squaredLogarithmicError", "tverskyLoss",
        ]
        let listed = Set(Catalog.losses.map(\.name))
        let declared = Set(try sources("Losses").matches(of: #/(?m)^public func (\w+)/#).map { "\($0.1)" })
        #expect(declared.subtracting(listed).subtracting(behind).sorted() == [])
        #expect(behind.subtracting(declared).sorted() == [])
    }

    @Test func entriesSaySomething() {
        for (kind, entries) in Catalog.kinds {
            #expect(Set(entries.map(\.name)).count == entries.count, "\(kind)")
            for entry in entries {
                #expect(!entry.name.isEmpty && entry.summary.count > 2 && entry.summary.count < 100, "\(entry.name)")
            }
        }
    }
}
