{{ videos_by_status('verified_status') }}
