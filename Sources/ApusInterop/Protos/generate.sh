#!/usr/bin/env bash
# Makes ONNX/onnx.pb.swift of onnx.proto. Needs protoc, and protoc-gen-swift of the version in Package.swift in PATH:
#   (in a checkout of apple/swift-protobuf) swift build -c release --product protoc-gen-swift
set -euo pipefail
cd "$(dirname "$0")"
target=../ONNX/onnx.pb.swift
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
protoc --swift_out="$folder" --swift_opt=Visibility=Internal --swift_opt=UseAccessLevelOnImports=true onnx.proto
# Without the trait, there is no SwiftProtobuf to import.
{
    echo "// swift-format-ignore-file"
    echo "#if Interop"
    cat "$folder/onnx.pb.swift"
    echo "#endif"
} >"$target"
