import ApusCore

/// A rectangle around an object, in pixels, with the number of its class.
public struct LabelledBox: Sendable, Equatable {
    /// The upper left corner, and the lower right one.
    public var left: Double, top: Double, right: Double, bottom: Double
    /// The number of its class.
    public var label: Int
    /// Whether the annotation calls it hard to see, or stands for a crowd.
    public var isDifficult: Bool

    /// - Parameter isDifficult: whether evaluations leave it out
    public init(left: Double, top: Double, right: Double, bottom: Double, label: Int, isDifficult: Bool = false) {
        (self.left, self.top, self.right, self.bottom) = (left, top, right, bottom)
        (self.label, self.isDifficult) = (label, isDifficult)
    }

    /// Whether it has a width and a height.
    public var hasArea: Bool { right > left && bottom > top }
}

/// A picture with boxes around what it shows.
public struct DetectionImage: Sendable, Equatable {
    /// The picture.
    public var image: Image
    /// The objects in it.
    public var boxes: [LabelledBox]

    /// A picture with its objects.
    public init(image: Image, boxes: [LabelledBox]) { (self.image, self.boxes) = (image, boxes) }
}

/// Pictures with boxes: what is known of each before it is decoded.
public struct DetectionRecord: Sendable, Equatable {
    /// The picture's file.
    public var path: String
    /// Columns of pixels.
    public var width: Int
    /// Rows of pixels.
    public var height: Int
    /// Boxes that have an area, after the policy.
    public var boxes: [LabelledBox]
}

/// Pictures whose objects are annotated in the XML files of PASCAL VOC: folders `Annotations`, `JPEGImages` and, for parts,
/// `ImageSets/Main/train.txt`.
///
///     let cells = try VOCDetection(folder: "bccd", part: "train", policy: .skip)
///     cells.classNames            // ["Platelets", "RBC", "WBC"]
///     cells.bad.count             // boxes without an area
public struct VOCDetection: SampleSource {
    /// The name for listings.
    public let name: String
    /// In alphabetical order.
    public let classNames: [String]
    /// The pictures with their boxes.
    public let records: [DetectionRecord]
    /// Boxes that have no area, and files that can't be read.
    public let bad: [BadSample]

    /// How many pictures there are.
    public var count: Int { records.count }

    /// - Parameters:
    ///   - part: a name in `ImageSets/Main`; nil for all annotations
    ///   - policy: for boxes without an area and broken annotations: ``BadSamplePolicy/stop`` ends in the error,
    ///     ``BadSamplePolicy/skip`` leaves the box or the picture out, ``BadSamplePolicy/replace`` widens a box to one
    ///     pixel
    public init(folder: String, part: String? = nil, policy: BadSamplePolicy = .stop) throws(ApusError) {
        var names: [String]
        if let part {
            names = try TextFile.lines("\(folder)/ImageSets/Main/\(part).txt").compactMap {
                $0.split(separator: " ").first.map(String.init)
            }
        } else {
            names = try Folder.contents("\(folder)/Annotations").files.filter { $0.hasSuffix(".xml") }.map {
                String($0.dropLast(4))
            }
        }
        var parsed: [(DetectionRecord, [String])] = []
        var bad: [BadSample] = []
        for name in names {
            let path = "\(folder)/Annotations/\(name).xml"
            do throws(ApusError) {
                let source = try ByteSource(path: path, kind: "annotation")
                let annotation = try Self.annotation(try source.bytes(), place: source.place)
                var record = annotation.record
                record.path = "\(folder)/JPEGImages/\(annotation.file ?? "\(name).jpg")"
                if !Folder.exists(record.path) { record.path = "\(folder)/JPEGImages/\(name).jpg" }
                let (boxes, refused) = try Self.checked(record.boxes, place: source.place, policy: policy)
                let kept = boxes.map(\.index).map { annotation.classes[$0] }
                record.boxes = boxes.map(\.box)
                bad += refused
                parsed.append((record, kept))
            } catch {
                if policy == .stop { throw error }
                bad.append(BadSample(name: path, error: error))
            }
        }
        let classes = Set(parsed.flatMap(\.1)).sorted()
        let numbers = Dictionary(classes.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        records = parsed.map { record, names in
            var record = record
            for index in record.boxes.indices { record.boxes[index].label = numbers[names[index]] ?? 0 }
            return record
        }
        (self.name, classNames, self.bad) = (folder, classes, bad)
    }

    /// Reads a picture with its boxes.
    public func sample(at index: Int) throws(ApusError) -> DetectionImage {
        try check(index)
        return DetectionImage(image: try Image(path: records[index].path), boxes: records[index].boxes)
    }

    /// What one annotation says; the boxes' labels are still to be numbered.
    package static func annotation(
        _ bytes: [UInt8], place: String
    ) throws(ApusError) -> (record: DetectionRecord, classes: [String], file: String?) {
        let root = try XMLElement(parsing: bytes, place: place)
        func damaged(_ problem: String) -> ApusError {
            ApusError(.format, in: place, problem, remedy: "mend the annotation, or skip bad samples by the policy")
        }
        guard root.name == "annotation" else { throw damaged("it is a \(root.name.quoted), no annotation (byte 0)") }
        let size = (root["size"]?["width"]?.integer ?? 0, root["size"]?["height"]?.integer ?? 0)
        var boxes: [LabelledBox] = []
        var classes: [String] = []
        for (index, object) in root.all("object").enumerated() {
            guard let name = object["name"]?.text, !name.isEmpty, let box = object["bndbox"],
                let left = box["xmin"]?.number, let top = box["ymin"]?.number, let right = box["xmax"]?.number,
                let bottom = box["ymax"]?.number
            else { throw damaged("object \(index) lacks its name or a side of its box") }
            classes.append(name)
            boxes.append(
                LabelledBox(
                    left: left, top: top, right: right, bottom: bottom, label: 0,
                    isDifficult: object["difficult"]?.integer == 1))
        }
        let record = DetectionRecord(path: "", width: size.0, height: size.1, boxes: boxes)
        let file = root["filename"]?.text
        return (record, classes, file?.contains("/") == false && file?.isEmpty == false ? file : nil)
    }

    /// The boxes that stay under a policy, with their numbers before, and those that are bad.
    static func checked(
        _ boxes: [LabelledBox], place: String, policy: BadSamplePolicy
    ) throws(ApusError) -> (kept: [(index: Int, box: LabelledBox)], bad: [BadSample]) {
        var kept: [(Int, LabelledBox)] = []
        var bad: [BadSample] = []
        for (index, box) in boxes.enumerated() {
            if box.hasArea {
                kept.append((index, box))
                continue
            }
            let error = ApusError(
                .data, in: place,
                "box \(index) from (\(box.left), \(box.top)) to (\(box.right), \(box.bottom)) has no area",
                remedy: "mend the annotation, or choose the policy skip or replace")
            if policy == .stop { throw error }
            bad.append(BadSample(name: "\(place), box \(index)", error: error))
            if policy == .replace {
                var wider = box
                wider.right = max(box.right, box.left + 1)
                wider.bottom = max(box.bottom, box.top + 1)
                kept.append((index, wider))
            }
        }
        return (kept, bad)
    }
}

/// Pictures whose objects are annotated in one JSON file as COCO does.
///
///     let data = try COCODetection(annotations: "instances_val2017.json", images: "val2017")
public struct COCODetection: SampleSource {
    /// The name for listings.
    public let name: String
    /// In the order of the categories' numbers in the file.
    public let classNames: [String]
    /// The pictures with their boxes.
    public let records: [DetectionRecord]
    /// Boxes that have no area, or belong to no picture.
    public let bad: [BadSample]

    /// How many pictures there are.
    public var count: Int { records.count }

    /// - Parameter policy: for boxes without an area, as with ``VOCDetection``
    public init(annotations path: String, images: String, policy: BadSamplePolicy = .stop) throws(ApusError) {
        let source = try ByteSource(path: path, kind: "annotation")
        try self.init(decoding: try source.bytes(), images: images, policy: policy, place: source.place)
    }

    /// Reads annotations that are in memory; `place` stands in error messages.
    public init(
        decoding bytes: [UInt8], images: String, policy: BadSamplePolicy = .stop, place: String = "annotation"
    ) throws(ApusError) {
        let root = try JSON(parsing: bytes, place: place)
        func damaged(_ problem: String) -> ApusError {
            ApusError(.format, in: place, problem, remedy: "give a file of COCO's form, or mend it")
        }
        guard let pictures = root["images"]?.elements, let objects = root["annotations"]?.elements,
            let categories = root["categories"]?.elements
        else { throw damaged("it lacks images, annotations or categories (byte 0)") }
        var labels: [Int: Int] = [:]
        var names: [(id: Int, name: String)] = []
        for (index, category) in categories.enumerated() {
            guard let id = category["id"]?.integer, let name = category["name"]?.string else {
                throw damaged("category \(index) lacks its id or name")
            }
            names.append((id, name))
        }
        names.sort { $0.id < $1.id }
        for (label, entry) in names.enumerated() { labels[entry.id] = label }
        var records: [DetectionRecord] = []
        var positions: [Int: Int] = [:]
        for (index, picture) in pictures.enumerated() {
            guard let id = picture["id"]?.integer, let file = picture["file_name"]?.string,
                !file.split(separator: "/").contains(".."), !file.hasPrefix("/")
            else { throw damaged("image \(index) lacks its id, or a file_name inside the folder") }
            positions[id] = records.count
            records.append(
                DetectionRecord(
                    path: "\(images)/\(file)", width: picture["width"]?.integer ?? 0,
                    height: picture["height"]?.integer ?? 0,
                    boxes: []))
        }
        var bad: [BadSample] = []
        for (index, object) in objects.enumerated() {
            guard let id = object["image_id"]?.integer, let category = object["category_id"]?.integer,
                let sides = object["bbox"]?.elements?.compactMap(\.double), sides.count == 4
            else { throw damaged("annotation \(index) lacks its image_id, category_id or bbox") }
            guard let position = positions[id], let label = labels[category] else {
                let error = damaged(
                    "annotation \(index) names image \(id) and category \(category), of which one is not there")
                if policy == .stop { throw error }
                bad.append(BadSample(name: "\(place), annotation \(index)", error: error))
                continue
            }
            let box = LabelledBox(
                left: sides[0], top: sides[1], right: sides[0] + sides[2], bottom: sides[1] + sides[3], label: label,
                isDifficult: object["iscrowd"]?.integer == 1)
            let (kept, refused) = try VOCDetection.checked(
                [box], place: "\(place), annotation \(index)", policy: policy)
            bad += refused
            records[position].boxes += kept.map(\.box)
        }
        (name, classNames, self.records, self.bad) = (place, names.map(\.name), records, bad)
    }

    /// Reads a picture with its boxes.
    public func sample(at index: Int) throws(ApusError) -> DetectionImage {
        try check(index)
        return DetectionImage(image: try Image(path: records[index].path), boxes: records[index].boxes)
    }
}
