"""The parts of the HTTP client, whose one door is `shared.http_client`.

Pure cores, which may not open that door, take the value types from `shared.http.answer`.
"""
