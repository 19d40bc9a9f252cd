// Each rule by a document that breaks it and one that only just does not.

import Foundation
import JSONReading
import Testing

@testable import Catalog

/// 2026-01-31T12:00:00Z.
let noon = Date(timeIntervalSince1970: 1_769_860_800)

@Suite struct UBIRulesTests {
    private static let query = #""query_id":"q","user_query":"tea""#
    private static let object = #""object":{"object_id":"p"}"#
    private static let event = #""action_name":"click","query_id":"q""#

    private func fault(_ document: String, _ kind: CollectedDocument.Kind) throws -> UBIFault? {
        let value = try JSONValue(parsing: Array(document.utf8))
        do { _ = try CollectedDocument(value, as: kind, now: noon) } catch { return error }
        return nil
    }

    private static func text(_ count: Int, _ character: Character = "é") -> String {
        String(repeating: character, count: count)
    }

    @Test(arguments: [
        "{\(query)}", #"{\#(query),"timestamp":null,"client_id":null,"query_response_hit_ids":null}"#,
        #"{\#(query),"application":"\#(text(100))","client_id":"","user_id":"","object_id_field":"sku"}"#,
        #"{"query_id":"\#(text(100))","user_query":"\#(text(2_000))"}"#,
        #"{\#(query),"query_attributes":{"page":2,"filters":{"brand":["a"]}},"experiment":[1,{"a":null}]}"#,
        #"{\#(query),"query_response_id":"r","query_response_hit_ids":[]}"#,
        #"{\#(query),"query_response_hit_ids":["\#(text(256))","b"]}"#,
        #"{\#(query),"query_response_hit_ids":[\#((0..<1_000).map { "\"p\($0)\"" }.joined(separator: ","))]}"#,
        #"{\#(query),"timestamp":"2000-01-01"}"#, #"{\#(query),"timestamp":"2026-02-01T13:00:00+01:00"}"#,
        #"{\#(query),"timestamp":"2018-11-13T20:20:39"}"#,
        #"{\#(query),"deep":\#(text(15, "["))\#(text(15, "]"))}"#,
    ])
    func `takes a query`(document: String) throws {
        #expect(try fault(document, .query) == nil)
    }

    @Test(
        arguments: [
            ("[]", ""), ("7", ""), ("{}", "query_id"), (#"{"user_query":"tea"}"#, "query_id"),
            (#"{"query_id":null,"user_query":"tea"}"#, "query_id"), (#"{"query_id":7,"user_query":"tea"}"#, "query_id"),
            (#"{"query_id":" ","user_query":"tea"}"#, "query_id"),
            (#"{"query_id":"\#(text(101))","user_query":"tea"}"#, "query_id"),
            (#"{"query_id":"q"}"#, "user_query"), (#"{"query_id":"q","user_query":" \u00a0"}"#, "user_query"),
            (#"{"query_id":"q","user_query":"\#(text(2_001))"}"#, "user_query"),
            (#"{"query_id":"q","user_query":["tea"]}"#, "user_query"),
            (#"{\#(query),"action_name":"click"}"#, "action_name"), (#"{\#(query),"action_name":null}"#, "action_name"),
            (#"{\#(query),"application":"\#(text(101))"}"#, "application"),
            (#"{\#(query),"client_id":{}}"#, "client_id"), (#"{\#(query),"user_id":1}"#, "user_id"),
            (#"{\#(query),"object_id_field":false}"#, "object_id_field"),
            (#"{\#(query),"query_response_id":7}"#, "query_response_id"),
            (#"{\#(query),"query_attributes":[]}"#, "query_attributes"),
            (#"{\#(query),"query_response_hit_ids":"p"}"#, "query_response_hit_ids"),
            (#"{\#(query),"query_response_hit_ids":["a",7]}"#, "query_response_hit_ids[1]"),
            (#"{\#(query),"query_response_hit_ids":["a","b",null]}"#, "query_response_hit_ids[2]"),
            (#"{\#(query),"query_response_hit_ids":[" "]}"#, "query_response_hit_ids[0]"),
            (#"{\#(query),"query_response_hit_ids":["\#(text(257))"]}"#, "query_response_hit_ids[0]"),
            (
                #"{\#(query),"query_response_hit_ids":[\#((0...1_000).map { "\"p\($0)\"" }.joined(separator: ","))]}"#,
                "query_response_hit_ids"
            ),
            (#"{\#(query),"timestamp":1769860800000}"#, "timestamp"),
            (#"{\#(query),"timestamp":"1769860800000"}"#, "timestamp"),
            (#"{\#(query),"timestamp":"yesterday"}"#, "timestamp"), (#"{\#(query),"timestamp":""}"#, "timestamp"),
            (#"{\#(query),"timestamp":"1999-12-31T23:59:59Z"}"#, "timestamp"),
            (#"{\#(query),"timestamp":"2026-02-01T12:00:00.001Z"}"#, "timestamp"),
            (#"{\#(query),"deep":\#(text(16, "["))\#(text(16, "]"))}"#, "deep" + String(repeating: "[0]", count: 15)),
            (#"{\#(query),"a":{"b":1,"c":2,"b":1}}"#, "a.b"), (#"{\#(query),"user_query":"tea"}"#, "user_query"),
            (#"{\#(query),"a":["b","\u0000"]}"#, "a[1]"), (#"{\#(query),"a":{"\u0000":1}}"#, "a"),
            (#"{\#(query),"a":"\#(text(131_072, "a"))"}"#, ""),
        ] as [(String, String)])
    func `refuses a query by the member that is wrong`(document: String, path: String) throws {
        let fault = try #require(try fault(document, .query), "\(document.prefix(200))")
        #expect(fault.path == path, "\(document.prefix(200)): \(fault)")
        #expect(!fault.expected.isEmpty && !fault.found.isEmpty && fault.description.count < 300, "\(fault)")
    }

    @Test(arguments: [
        #"{\#(event),"event_attributes":{\#(object)}}"#,
        #"{\#(event),"event_attributes":{\#(object),"position":null}}"#,
        #"{\#(event),"event_attributes":{\#(object),"position":{}}}"#,
        #"{\#(event),"event_attributes":{\#(object),"position":{"ordinal":1}}}"#,
        #"{\#(event),"event_attributes":{\#(object),"position":{"ordinal":0}}}"#,
        #"{\#(event),"event_attributes":{\#(object),"position":{"ordinal":3.0}}}"#,
        #"{\#(event),"event_attributes":{\#(object),"position":{"ordinal":{"index":1000000}}}}"#,
        #"{\#(event),"event_attributes":{\#(object),"position":{"xy":{"x":-1.5,"y":2e3}}}}"#,
        #"{\#(event),"event_attributes":{"object":{"object_id":4711,"object_id_type":"product","internal_id":"7"}}}"#,
        #"{"action_name":" ADD_TO_CART ","query_id":"q","event_attributes":{\#(object)}}"#,
        #"{"action_name":"page_exit"}"#, #"{"action_name":"search","query_id":null,"event_attributes":{}}"#,
        #"{"action_name":"filter","query_id":"","event_attributes":{"object":{"brand":"x"}},"page_id":"/a"}"#,
        #"{"action_name":"item_click","event_attributes":{\#(object)},"message_type":null,"message":null}"#,
        #"{\#(event),"event_attributes":{\#(object)},"message":"\#(text(1_024))","user_query":"\#(text(2_000))"}"#,
        #"{\#(event),"event_attributes":{\#(object)},"session_id":"s","client_id":"c","user_id":"","application":"a"}"#,
    ])
    func `takes an event`(document: String) throws {
        #expect(try fault(document, .event) == nil)
    }

    @Test(
        arguments: [
            ("{}", "action_name"), (#"{"action_name":null}"#, "action_name"), (#"{"action_name":7}"#, "action_name"),
            (#"{"action_name":" "}"#, "action_name"), (#"{"action_name":"\#(text(101))"}"#, "action_name"),
            (#"{"action_name":"click","event_attributes":{\#(object)}}"#, "query_id"),
            (#"{"action_name":"impression","query_id":" ","event_attributes":{\#(object)}}"#, "query_id"),
            (#"{"action_name":"page_exit","query_id":7}"#, "query_id"), ("{\(event)}", "event_attributes"),
            (#"{\#(event),"event_attributes":7}"#, "event_attributes"),
            (#"{\#(event),"event_attributes":{}}"#, "event_attributes.object"),
            (#"{\#(event),"event_attributes":{"object":"p"}}"#, "event_attributes.object"),
            (#"{\#(event),"event_attributes":{"object":{}}}"#, "event_attributes.object.object_id"),
            (#"{\#(event),"event_attributes":{"object":{"object_id":" "}}}"#, "event_attributes.object.object_id"),
            (#"{\#(event),"event_attributes":{"object":{"object_id":1.5}}}"#, "event_attributes.object.object_id"),
            (
                #"{\#(event),"event_attributes":{"object":{"object_id":"\#(text(257))"}}}"#,
                "event_attributes.object.object_id"
            ),
            (#"{\#(event),"event_attributes.object.object_id":"p"}"#, "event_attributes"),
            (
                #"{"action_name":"x","event_attributes":{"object":{"object_id":[]}}}"#,
                "event_attributes.object.object_id"
            ),
            (
                #"{\#(event),"event_attributes":{"object":{"object_id":"p","internal_id":true}}}"#,
                "event_attributes.object.internal_id"
            ),
            (
                #"{\#(event),"event_attributes":{"object":{"object_id":"p","object_id_type":1}}}"#,
                "event_attributes.object.object_id_type"
            ),
            (#"{\#(event),"event_attributes":{\#(object),"position":3}}"#, "event_attributes.position"),
            (
                #"{\#(event),"event_attributes":{\#(object),"position":{"ordinal":-1}}}"#,
                "event_attributes.position.ordinal"
            ),
            (
                #"{\#(event),"event_attributes":{\#(object),"position":{"ordinal":"3"}}}"#,
                "event_attributes.position.ordinal"
            ),
            (
                #"{\#(event),"event_attributes":{\#(object),"position":{"ordinal":1.5}}}"#,
                "event_attributes.position.ordinal"
            ),
            (
                #"{\#(event),"event_attributes":{\#(object),"position":{"ordinal":{}}}}"#,
                "event_attributes.position.ordinal.index"
            ),
            (
                #"{\#(event),"event_attributes":{\#(object),"position":{"ordinal":{"index":1000001}}}}"#,
                "event_attributes.position.ordinal.index"
            ),
            (
                #"{\#(event),"event_attributes":{\#(object),"position":{"xy":{"x":1}}}}"#,
                "event_attributes.position.xy.y"
            ),
            (
                #"{\#(event),"event_attributes":{\#(object),"position":{"xy":{"x":"1","y":1}}}}"#,
                "event_attributes.position.xy.x"
            ),
            (#"{\#(event),"event_attributes":{\#(object)},"message":"\#(text(1_025))"}"#, "message"),
            (#"{\#(event),"event_attributes":{\#(object)},"user_query":"\#(text(2_001))"}"#, "user_query"),
            (#"{\#(event),"event_attributes":{\#(object)},"session_id":"\#(text(101))"}"#, "session_id"),
            (#"{\#(event),"event_attributes":{\#(object)},"timestamp":false}"#, "timestamp"),
        ] as [(String, String)])
    func `refuses an event by the member that is wrong`(document: String, path: String) throws {
        let fault = try #require(try fault(document, .event), "\(document.prefix(200))")
        #expect(fault.path == path, "\(document.prefix(200)): \(fault)")
        #expect(!fault.expected.isEmpty && !fault.found.isEmpty && fault.description.count < 300, "\(fault)")
    }
}
