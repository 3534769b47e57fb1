import Apus
import Examples
import TestSupport
import Testing

/// The examples in the folder Examples, run as they stand there.
@Suite struct DataExampleTests {
    @Test(arguments: [
        ("Mushrooms", 40), ("Reviews", 30), ("Translations", 30), ("Papers", 30), ("BloodCells", 30), ("Membranes", 30),
        ("Hippocampus", 30), ("Transformer", 30),
    ])
    func examplesAreShort(name: String, limit: Int) throws {
        let root = #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
        #expect(try TextFile.lines("/\(root)/Examples/\(name).swift").count < limit)
    }

    @Test func mushroomsAreToldApart() throws {
        guard let file = SharedFiles.path("mushroom/agaricus-lepiota.data") else { return }
        let folder = TemporaryFolder()
        let path = folder.file("mushrooms.safetensors")
        let accuracy = try mushrooms(file, savingTo: path)
        print("mushrooms: accuracy \(accuracy)")
        #expect(accuracy > 0.99)

        // What was saved takes raw records, and says of them what it said in training.
        let model = Sequential {
            Dense(32, activation: .relu)
            Dense(2)
        }
        let encoder = try model.load(from: path, preprocessor: TableEncoder.self)
        let table = try CSV.read(file)
        let lines = try TextFile.lines(file).prefix(200).map { line in
            Dictionary(
                uniqueKeysWithValues: line.split(separator: ",").enumerated().filter { $1 != "?" }.map {
                    ("column\($0 + 1)", String($1))
                })
        }
        let raw = try encoder.inputs(Array(lines))
        let known = try encoder.inputs(try table.rows(Array(0..<200)))
        #expect(try raw.array(of: Float.self) == known.array(of: Float.self))
        let says: [Int] = try model(raw).argmax(axis: 1).array()
        let right = says.enumerated().count { encoder.classNames[$1] == lines[$0]["column1"] }
        #expect(right > 196)
    }

    /// The first batch of an example, and that it is drawn again alike and otherwise in the next epoch.
    private func first<Element>(_ pipeline: Pipeline<Element>) throws -> Element {
        try #require(try pipeline.iterator().next())
    }

    private func values(_ tensor: Tensor) throws -> [Double] { try tensor.cast(to: .float64).array() }

    @Test func reviewsBecomeBatches() throws {
        guard let archive = SharedFiles.path("imdb/aclImdb-10k.tar.gz") else { return }
        let batches = try reviews(archive)
        #expect(batches.count == 157)
        let batch = try first(batches)
        #expect(batch.inputs.shape == [32, 200] && batch.inputs.dtype == .int64 && batch.targets.shape == [32])
        #expect(try values(batch.inputs).allSatisfy { (0..<10_002).contains($0) })
        #expect(Set(try values(batch.targets)) == [0, 1])
    }

    @Test func translationsBecomeBatches() throws {
        guard let folder = SharedFiles.path("multi30k") else { return }
        let batch = try first(try translations(folder))
        #expect(batch.count == 64 && batch.targets.rank == 2 && batch.lengths?.shape == [64])
        let targets = try batch.targets.rows().map { try values($0) }
        #expect(targets.allSatisfy { $0.first == 2 && $0.contains(3) })
        let lengths = try values(try #require(batch.lengths))
        #expect(lengths.max() == Double(batch.inputs.shape[1]) && (lengths.max() ?? 0) - (lengths.min() ?? 0) < 10)
    }

    @Test func papersBecomeBatches() throws {
        guard let folder = SharedFiles.path("cora") else { return }
        let batches = try papers(folder)
        #expect(batches.count == 7)
        let batch = try first(batches)
        let nodes = batch.nodes.count
        #expect(nodes > 20 && nodes <= 20 * (1 + 10 + 50) && Set(batch.nodes).count == nodes)
        #expect(batch.features.shape == [nodes, 1433] && batch.adjacency.shape == [nodes, nodes] && batch.count == 20)
        #expect(abs(try batch.features.sum(axes: [1]).mean().item() - 1) < 1e-5)
        #expect(try values(batch.adjacency) == values(batch.adjacency.transposed()))
    }

    @Test func bloodCellsBecomeBatches() throws {
        guard let folder = SharedFiles.path("bccd") else { return }
        let batches = try bloodCells(folder)
        #expect(batches.count == 26)
        let batch = try first(batches)
        let most = batch.boxes.shape[1]
        #expect(batch.images.shape == [8, 240, 320, 3] && most > 3 && batch.boxes.shape == [8, most, 4])
        let (boxes, labels) = (try values(batch.boxes), try values(batch.labels))
        #expect(labels.allSatisfy { (-1..<3).contains($0) } && labels.contains(2))
        for (index, label) in labels.enumerated() {
            let box = Array(boxes[4 * index..<4 * index + 4])
            #expect(label < 0 ? box == [0, 0, 0, 0] : box[0] < box[2] && box[1] < box[3] && box[2] <= 320)
        }
    }

    @Test func membranesBecomeBatches() throws {
        guard let folder = SharedFiles.path("isbi2012-membrane/train") else { return }
        let batch = try first(try membranes(folder))
        #expect(batch.inputs.shape == [4, 256, 256, 1] && batch.targets.shape == [4, 256, 256])
        #expect(Set(try values(batch.targets)) == [0, 1])
    }

    @Test func hippocampusBecomesBatches() throws {
        guard let folder = SharedFiles.path("hippocampus-nifti") else { return }
        let batches = try hippocampus(folder)
        #expect(batches.count == 20)
        let batch = try first(batches)
        #expect(batch.inputs.shape == [4, 32, 48, 32, 1] && batch.targets.shape == [4, 32, 48, 32])
        #expect(Set(try values(batch.targets)) == [0, 1, 2])
        #expect(abs(try batch.inputs.mean().item()) < 1e-4)
    }

    @Test func theTransformerBecomesBatches() throws {
        guard let file = SharedFiles.path("timeseries/ETTh1.csv") else { return }
        let batches = try transformer(file)
        #expect(batches.count == (8640 - 96 - 24 + 1 + 31) / 32)
        let batch = try first(batches)
        #expect(batch.inputs.shape == [32, 96, 7] && batch.targets.shape == [32, 24, 1])
    }
}
