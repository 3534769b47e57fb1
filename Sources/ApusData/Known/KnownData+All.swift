import ApusCore

extension KnownData {
    /// All data sets that have a name.
    public static let all: [KnownData] = pictures + tables + texts + others

    private static let github = "https://raw.githubusercontent.com"

    private static func idx(_ name: String, _ summary: String, address: String, _ sums: [String]) -> KnownData {
        let names = [
            "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", "t10k-images-idx3-ubyte.gz",
            "t10k-labels-idx1-ubyte.gz",
        ]
        return KnownData(
            name: name, summary: summary,
            files: zip(names, sums).map { File(name: $0, address: "\(address)/\($0)", sha256: $1) }, folder: name,
            marks: [names[0]]
        ) { (folder) throws(ApusError) in
            let data = try DataCatalog.idxFolder(folder, name: name)
            return .labelled(train: data.train, test: data.test)
        }
    }

    private static let pictures: [KnownData] = [
        idx(
            "mnist", "60,000 + 10,000 handwritten digits, 28 x 28, grey",
            address: "https://ossci-datasets.s3.amazonaws.com/mnist",
            [
                "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
                "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
                "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
                "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
            ]),
        idx(
            "fashion-mnist", "60,000 + 10,000 articles of clothing, 28 x 28, grey",
            address: "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com",
            [
                "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
                "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
                "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
                "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
            ]),
        KnownData(
            name: "cifar10", summary: "50,000 + 10,000 small photographs of 10 classes, 32 x 32, colour",
            files: [
                File(
                    name: "cifar-10-binary.tar.gz", address: "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
                    sha256: "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd")
            ], folder: "cifar10",
            marks: ["cifar-10-binary.tar.gz", "cifar-10-batches-bin/test_batch.bin", "cifar10-jpeg.tar.gz"]
        ) { (folder) throws(ApusError) in try cifar(folder) },
        KnownData(
            name: "hymenoptera", summary: "photographs of ants and bees, of many sizes", files: [],
            folder: "hymenoptera",
            marks: ["train"]
        ) { (folder) throws(ApusError) in
            .images(train: try ImageFolder("\(folder)/train"), test: try ImageFolder("\(folder)/val"))
        },
        KnownData(
            name: "bccd", summary: "364 pictures of blood with boxes around cells", files: [], folder: "bccd",
            marks: ["Annotations"]
        ) { (folder) throws(ApusError) in .boxes(try VOCDetection(folder: folder, policy: .skip)) },
        KnownData(
            name: "isbi2012", summary: "30 slices of a fly's nerve cord with masks of membranes, 512 x 512, grey",
            files: [], folder: "isbi2012-membrane", marks: ["train"]
        ) { (folder) throws(ApusError) in
            .masks(try MaskFolder(images: "\(folder)/train/image", masks: "\(folder)/train/label"))
        },
        KnownData(
            name: "hippocampus", summary: "volumes of brains with labels of the hippocampus", files: [],
            folder: "hippocampus-nifti", marks: ["imagesTr"]
        ) { (folder) throws(ApusError) in
            .volumes(try VolumeFolder(images: "\(folder)/imagesTr", labels: "\(folder)/labelsTr"))
        },
    ]

    /// The whole binary archive; else what there is of its files; else the pictures as JPEG files.
    private static func cifar(_ folder: String) throws(ApusError) -> Contents {
        let binary = "\(folder)/cifar-10-binary.tar.gz"
        if Folder.exists(binary) {
            let archive = try TarArchive(path: binary)
            func part(_ isTest: Bool) throws(ApusError) -> Dataset {
                var (pixels, labels): ([UInt8], [Int32]) = ([], [])
                for entry in archive.entries where entry.name.hasSuffix(".bin") && entry.name.contains("test") == isTest
                {
                    let records = try CIFAR.decode(archive.bytes(of: entry), place: "\(archive.place), \(entry.name)")
                    pixels += records.pixels
                    labels += records.labels
                }
                return try Dataset(
                    inputs: Tensor(try RawArray(.uint8, shape: [labels.count, 32, 32, 3], bytes: pixels)),
                    targets: Tensor(labels, shape: [labels.count]), name: "cifar10", classNames: cifarClasses)
            }
            return .labelled(train: try part(false), test: try part(true))
        }
        let batches = "\(folder)/cifar-10-batches-bin"
        let names = Folder.exists(batches) ? try Folder.contents(batches).files : []
        let train = names.filter { $0.hasPrefix("data_batch") }.map { "\(batches)/\($0)" }
        if names.contains("test_batch.bin"), !train.isEmpty {
            return .labelled(
                train: try CIFAR.read(train, classNames: cifarClasses, name: "cifar10"),
                test: try CIFAR.read(["\(batches)/test_batch.bin"], classNames: cifarClasses, name: "cifar10"))
        }
        let archive = try TarArchive(path: "\(folder)/cifar10-jpeg.tar.gz")
        let prefix = archive.entries.first { $0.name.contains("train/") }?.name.components(before: "train/") ?? ""
        return .images(
            train: try ImageFolder(archive, folder: prefix + "train"),
            test: try ImageFolder(archive, folder: prefix + "test"))
    }

    private static let cifarClasses = [
        "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
    ]

    private static func table(
        _ name: String, _ summary: String, file: String, from source: String, sha256: String,
        folder: String = "tabular",
        names: [String] = [], target: String, isClass: Bool = false
    ) -> KnownData {
        KnownData(
            name: name, summary: summary, files: [File(name: file, address: "\(github)/\(source)", sha256: sha256)],
            folder: folder, marks: [file]
        ) { (path) throws(ApusError) in
            let types: [String: Table.ColumnType] = isClass ? [target: .text] : [:]
            return .table(try CSV.read("\(path)/\(file)", .init(names: names, types: types)), target: target)
        }
    }

    private static let qualities = [
        "fixed_acidity", "volatile_acidity", "citric_acid", "residual_sugar", "chlorides", "free_sulfur_dioxide",
        "total_sulfur_dioxide", "density", "pH", "sulphates", "alcohol", "quality",
    ]

    static let incomes = [
        "age", "workclass", "fnlwgt", "education", "education_num", "marital_status", "occupation", "relationship",
        "race",
        "sex", "capital_gain", "capital_loss", "hours_per_week", "native_country", "income",
    ]

    private static let tables: [KnownData] = [
        table(
            "iris", "150 flowers of three kinds, four measures", file: "iris.csv",
            from: "jbrownlee/Datasets/master/iris.csv",
            sha256: "f5d0c11e5c78a69a20dbb80baf2b24703f59a6687595752abb397d23732647c5",
            names: ["sepal_length", "sepal_width", "petal_length", "petal_width", "species"], target: "species"),
        table(
            "wine", "178 wines of three growers, 13 measures", file: "wine.csv",
            from: "jbrownlee/Datasets/master/wine.csv",
            sha256: "e9c16b779f9194945067f65118da6afb317ef60c6515879c50124dc4f6cdd756",
            names: [
                "alcohol", "malic_acid", "ash", "alcalinity", "magnesium", "phenols", "flavanoids", "nonflavanoids",
                "proanthocyanins", "colour", "hue", "od280", "proline", "grower",
            ], target: "grower", isClass: true),
        table(
            "wine-quality-red", "1,599 red wines, 11 measures and a grade", file: "winequality-red.csv",
            from: "jbrownlee/Datasets/master/winequality-red.csv",
            sha256: "c9614512e980f1cbd221c796daa97f00c4898c3cd1716863abac60f6cd1a522e", names: qualities,
            target: "quality"),
        table(
            "wine-quality-white", "4,898 white wines, 11 measures and a grade", file: "winequality-white.csv",
            from: "jbrownlee/Datasets/master/winequality-white.csv",
            sha256: "659d419fff887f225bf977d20520bb64a64cae203e460087f809721d4430ba27", names: qualities,
            target: "quality"),
        table(
            "breast-cancer", "699 samples of tissue, benign (2) or malignant (4)", file: "breast-cancer-wisconsin.csv",
            from: "jbrownlee/Datasets/master/breast-cancer-wisconsin.csv",
            sha256: "9c9dc50e62dbcece16e5707bdec7514f87230d0aa35798b9aaffbc77cf736f1f",
            names: [
                "thickness", "cell_size", "cell_shape", "adhesion", "epithelial_size", "bare_nuclei", "chromatin",
                "nucleoli", "mitoses", "diagnosis",
            ], target: "diagnosis", isClass: true),
        table(
            "california-housing", "20,640 districts of California with the value of their houses",
            file: "california-housing.csv", from: "ageron/handson-ml2/master/datasets/housing/housing.csv",
            sha256: "8a3727f4cf54ac1a327f69b1d5b4db54c5834ea81c6e4efc0d163300022a685e", target: "median_house_value"),
        table(
            "mpg", "398 cars with the way they go on a gallon", file: "mpg.csv",
            from: "mwaskom/seaborn-data/master/mpg.csv",
            sha256: "c14b8b855ea7ee86cb9736bf8caaf281c4685ca08826f3eb2acaccaaf40f0d5a", target: "mpg"),
        table(
            "penguins", "344 penguins of three kinds", file: "penguins.csv",
            from: "mwaskom/seaborn-data/master/penguins.csv",
            sha256: "e07636bd8af74260099ea2f8678e2eabbf35def579940cc76f67061ee16c06c1", target: "species"),
        KnownData(
            name: "mushroom", summary: "8,124 mushrooms, edible or poisonous, 22 attributes",
            files: [
                File(
                    name: "agaricus-lepiota.data",
                    address: "https://archive.ics.uci.edu/ml/machine-learning-databases/mushroom/agaricus-lepiota.data",
                    sha256: "e65d082030501a3ebcbcd7c9f7c71aa9d28fdfff463bf4cf4716a3fe13ac360e")
            ], folder: "mushroom", marks: ["agaricus-lepiota.data"]
        ) { (folder) throws(ApusError) in
            .table(try CSV.read("\(folder)/agaricus-lepiota.data", .init(names: mushrooms)), target: "class")
        },
        KnownData(
            name: "adult", summary: "48,842 people of the census of 1994 who earn more or less than 50,000 dollars",
            files: [
                File(
                    name: "adult.data", address: "\(github)/jbrownlee/Datasets/master/adult-train.csv",
                    sha256: "5b00264637dbfec36bdeaab5676b0b309ff9eb788d63554ca0a249491c86603d"),
                File(
                    name: "adult.test", address: "\(github)/jbrownlee/Datasets/master/adult-test.csv",
                    sha256: "72567b94f5c1a6f8501377dd80f93892c3848ff071cf91ba47e00b0785a28074"),
            ], folder: "adult", marks: ["adult.data"]
        ) { (folder) throws(ApusError) in
            let format = CSV.Format(comment: "|", names: incomes)
            return .tables(
                train: try CSV.read("\(folder)/adult.data", format), test: try CSV.read("\(folder)/adult.test", format),
                target: "income")
        },
    ]

    static let mushrooms = [
        "class", "cap_shape", "cap_surface", "cap_color", "bruises", "odor", "gill_attachment", "gill_spacing",
        "gill_size",
        "gill_color", "stalk_shape", "stalk_root", "stalk_surface_above_ring", "stalk_surface_below_ring",
        "stalk_color_above_ring", "stalk_color_below_ring", "veil_type", "veil_color", "ring_number", "ring_type",
        "spore_print_color", "population", "habitat",
    ]

    private static let texts: [KnownData] = [
        KnownData(
            name: "tiny-shakespeare", summary: "plays of Shakespeare, a million characters",
            files: [
                File(
                    name: "input.txt", address: "\(github)/karpathy/char-rnn/master/data/tinyshakespeare/input.txt",
                    sha256: "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed")
            ], folder: "tiny-shakespeare", marks: ["input.txt"]
        ) { (folder) throws(ApusError) in .text(try TextFile.read("\(folder)/input.txt")) },
        KnownData(
            name: "imdb", summary: "reviews of films, half of them favourable",
            files: [
                File(
                    name: "aclImdb_v1.tar.gz",
                    address: "https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz",
                    sha256: "c40f74a18d3b61f90feba1e17730e0d38e8b97c05fde7008942e91923d1658fe")
            ], folder: "imdb", marks: ["aclImdb_v1.tar.gz", "aclImdb-10k.tar.gz"]
        ) { (folder) throws(ApusError) in
            let whole = "\(folder)/aclImdb_v1.tar.gz"
            let archive = try TarArchive(path: Folder.exists(whole) ? whole : "\(folder)/aclImdb-10k.tar.gz")
            // Folders without a class lie beside those of the classes.
            return .texts(
                train: try TextFolder(archive, folder: "aclImdb/train", classes: ["neg", "pos"]),
                test: try TextFolder(archive, folder: "aclImdb/test", classes: ["neg", "pos"]))
        },
        KnownData(
            name: "multi30k", summary: "29,000 sentences on pictures in English and German",
            files: [
                ("train.en.gz", "d79cfa999dd4c51d2cb42499b6796d5a882c3a8a961923c25a898c90f8bbd56f"),
                ("train.de.gz", "726e39b2fa9eb9ffb6dc763fb35a179f80fae06ffc5d28b6ace5faa883de28a6"),
                ("val.en.gz", "14f7d25ddd868909a9213e361768460edcacdd6ab9d1e77b92560dc10c10dc28"),
                ("val.de.gz", "f0cba2f995189cf5770f29a8a9a537a3ad3f51657ad873405082ff6863a5e75a"),
                ("test_2016_flickr.en.gz", "611d361c6334bc7246101d48097c13cf5c4413c5befc793cc629934359d532d9"),
                ("test_2016_flickr.de.gz", "9204244e408ccb38d2a55cfcd344df15005fc42a07a6e55ca6c52b6ababb8cc8"),
            ].map { File(name: $0, address: "\(github)/multi30k/dataset/master/data/task1/raw/\($0)", sha256: $1) },
            folder: "multi30k", marks: ["train.en.gz"]
        ) { (folder) throws(ApusError) in
            func part(_ name: String) throws(ApusError) -> ParallelCorpus {
                try ParallelCorpus(source: "\(folder)/\(name).en.gz", target: "\(folder)/\(name).de.gz")
            }
            return .corpus(train: try part("train"), validation: try part("val"), test: try part("test_2016_flickr"))
        },
    ]

    private static let others: [KnownData] = [
        KnownData(
            name: "cora", summary: "2,708 papers of seven subjects that cite each other", files: [], folder: "cora",
            marks: ["derived-text", "ind.cora.allx"]
        ) { (folder) throws(ApusError) in
            .graph(
                Folder.exists("\(folder)/derived-text")
                    ? try Graph(planetoid: folder, name: "cora") : try Graph(planetoidPickles: folder, name: "cora"))
        },
        series(
            "etth1", "two years of a transformer's load and oil temperature, hour by hour", file: "ETTh1.csv",
            from: "zhouhaoyi/ETDataset/main/ETT-small/ETTh1.csv",
            sha256: "f18de3ad269cef59bb07b5438d79bb3042d3be49bdeecf01c1cd6d29695ee066"),
        series(
            "airline-passengers", "144 months of passengers", file: "airline-passengers.csv",
            from: "jbrownlee/Datasets/master/airline-passengers.csv",
            sha256: "8cb51be753a718d9be5d76d7e238cc224792754676adc21faa59e954b0201621"),
        series(
            "daily-min-temperatures", "ten years of temperatures in Melbourne", file: "daily-min-temperatures.csv",
            from: "jbrownlee/Datasets/master/daily-min-temperatures.csv",
            sha256: "8b9de63ed6789492bf497625e7f9beb96a63d367b4b0a21754006f749fa5e5da"),
    ]

    private static func series(
        _ name: String, _ summary: String, file: String, from source: String, sha256: String
    ) -> KnownData {
        KnownData(
            name: name, summary: summary, files: [File(name: file, address: "\(github)/\(source)", sha256: sha256)],
            folder: "timeseries", marks: [file]
        ) { (folder) throws(ApusError) in .series(try TimeSeries(CSV.read("\(folder)/\(file)"))) }
    }
}

extension String {
    /// What stands before the first occurrence of a text.
    fileprivate func components(before text: String) -> String {
        var start = startIndex
        while start < endIndex, !self[start...].hasPrefix(text) { start = index(after: start) }
        return String(self[..<start])
    }
}
