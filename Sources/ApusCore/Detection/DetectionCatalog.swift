extension Catalog {
    static let detection: [CatalogEntry] = [
        CatalogEntry("convertBoxes", "Boxes in another format", torch: ["ops.box_convert"]),
        CatalogEntry("boxAreas", "The areas of boxes", torch: ["ops.box_area"]),
        CatalogEntry("clipBoxes", "Boxes cut off at the edges of an image", torch: ["ops.clip_boxes_to_image"]),
        CatalogEntry(
            "largeBoxes", "The numbers of boxes that are not small", torch: ["ops.remove_small_boxes"]),
        CatalogEntry("boxesOfMasks", "The smallest boxes around masks", torch: ["ops.masks_to_boxes"]),
        CatalogEntry(
            "boxIoU", "How well each of some boxes matches each of others: IoU, GIoU, DIoU or CIoU",
            torch: [
                "ops.box_iou", "ops.generalized_box_iou", "ops.distance_box_iou", "ops.complete_box_iou",
            ]),
        CatalogEntry("encodeBoxes", "The moves from anchors to boxes"),
        CatalogEntry("decodeBoxes", "The boxes that moves make of anchors"),
        CatalogEntry("anchorBoxes", "Boxes of given sizes and ratios around every cell of a map"),
        CatalogEntry(
            "nonMaximumSuppression", "Boxes that overlap no better one, of each class if wanted",
            torch: ["ops.nms", "ops.batched_nms"]),
        CatalogEntry(
            "softNonMaximumSuppression", "Boxes by scores that fall with their overlap with better ones"),
        CatalogEntry(
            "roiAlign", "The features of regions on grids of one size, interpolated",
            torch: ["ops.roi_align", "ops.RoIAlign"]),
        CatalogEntry(
            "roiPool", "The largest features in the cells of regions", torch: ["ops.roi_pool", "ops.RoIPool"]),
        CatalogEntry(
            "positionSensitiveROIAlign", "Features of regions, interpolated, of other channels for each cell",
            torch: ["ops.ps_roi_align", "ops.PSRoIAlign"]),
        CatalogEntry(
            "positionSensitiveROIPool", "Mean features of regions, of other channels for each cell",
            torch: ["ops.ps_roi_pool", "ops.PSRoIPool"]),
    ]
}
