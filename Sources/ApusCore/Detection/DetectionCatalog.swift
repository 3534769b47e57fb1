extension Catalog {
    static let detection: [CatalogEntry] = [
        CatalogEntry("convertBoxes", "Boxes in another format", torch: ["box_convert"]),
        CatalogEntry("boxAreas", "The areas of boxes", torch: ["box_area"]),
        CatalogEntry("clipBoxes", "Boxes cut off at the edges of an image", torch: ["clip_boxes_to_image"]),
        CatalogEntry(
            "largeBoxes", "The numbers of boxes that are not small", torch: ["remove_small_boxes"]),
        CatalogEntry("boxesOfMasks", "The smallest boxes around masks", torch: ["masks_to_boxes"]),
        CatalogEntry(
            "boxIoU", "How well each of some boxes matches each of others: IoU, GIoU, DIoU or CIoU",
            torch: [
                "box_iou", "generalized_box_iou", "distance_box_iou", "complete_box_iou",
            ]),
        CatalogEntry("encodeBoxes", "The moves from anchors to boxes"),
        CatalogEntry("decodeBoxes", "The boxes that moves make of anchors"),
        CatalogEntry("anchorBoxes", "Boxes of given sizes and ratios around every cell of a map"),
        CatalogEntry(
            "nonMaximumSuppression", "Boxes that overlap no better one, of each class if wanted",
            torch: ["nms", "batched_nms"]),
        CatalogEntry(
            "softNonMaximumSuppression", "Boxes by scores that fall with their overlap with better ones"),
        CatalogEntry(
            "roiAlign", "The features of regions on grids of one size, interpolated",
            torch: ["roi_align", "RoIAlign"]),
        CatalogEntry(
            "multiScaleROIAlign", "The features of regions, each from the map that suits its size",
            torch: ["MultiScaleRoIAlign"]),
        CatalogEntry(
            "roiPool", "The largest features in the cells of regions", torch: ["roi_pool", "RoIPool"]),
        CatalogEntry(
            "positionSensitiveROIAlign", "Features of regions, interpolated, of other channels for each cell",
            torch: ["ps_roi_align", "PSRoIAlign"]),
        CatalogEntry(
            "positionSensitiveROIPool", "Mean features of regions, of other channels for each cell",
            torch: ["ps_roi_pool", "PSRoIPool"]),
    ]
}
