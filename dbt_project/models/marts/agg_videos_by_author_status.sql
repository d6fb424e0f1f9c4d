{{ videos_by_status('author_ban_status') }}
